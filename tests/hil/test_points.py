#!/usr/bin/env python3
"""mbpoll, a Modbus client that is not ours, as referee: it reads every point of three simulated
devices to the last digit of what the plant is, and what it writes moves the plant. (test_sim_points.py has
pymodbus do the same for all devices.)"""

import pathlib
import re
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "hil"))
import simlib  # noqa: E402
from simlib import Sim, wait_until  # noqa: E402
from test_sim_points import CONVERTER, INVERTER, raw  # noqa: E402

check = simlib.Checks()
START = "2025-07-14T12:00:00+08:00"
TABLE = {1: "0", 2: "1", 3: "4:hex", 4: "3:hex"}  # function code: mbpoll's name of the table

# The meter's maker documents W and kWh as 32-bit floats in input registers, import positive; the
# plant's sign is negative for a load: (point, address, plant's value of one unit).
METER = [("kw", 52, -0.001), ("draw_kwh", 72, 1.0)]


def mbpoll(port, unit, *args):
    done = subprocess.run(["mbpoll", "-m", "tcp", "-0", "-1", "-o", "2", "-p", str(port), "-a",
                           str(unit), *args], capture_output=True, text=True, timeout=20,
                          check=False)
    return done.stdout + done.stderr


def read_words(port, unit, fc, addr, count):
    text = mbpoll(port, unit, "-t", TABLE[fc], "-r", str(addr), "-c", str(count), "127.0.0.1")
    base = 16 if fc >= 3 else 10
    return [int(w, base) for w in re.findall(r"^\[\d+\]:\s+(?:0x)?([0-9A-Fa-f]+)", text, re.M)]


def read_scaled(sim, device, table, words_of):
    """Decodes by the maker's scale what mbpoll read; names what differs in the last digit."""
    wrong = []
    for name, fc, addr, kind, scale, sf_addr in table:
        port, unit, words, truth = words_of[(f"{device}.{name}", fc, addr)]
        factor = raw(read_words(port, unit, fc, sf_addr, 1), "i16") if sf_addr else 0
        lsb = scale * 10 ** factor
        if abs(raw(words, kind) * lsb - truth) > lsb * 0.5000001:
            wrong.append(f"{name}: register {raw(words, kind) * lsb}, plant {truth}")
    check(f"points.values_{device}", not wrong, "; ".join(wrong))


def check_reads():
    """At a thousandth of real time the plant stands still while it is read."""
    sim = Sim("small.yaml", "--start", START, "--speed", "0.001", "--quiet")
    try:
        before, words_of, wrong = sim.dump(), {}, []
        devices = ("pv1", "bess1", "works")
        for (point, port, unit, fc, addr), (truth, words) in sorted(before.items()):
            if point.split(".")[0] not in devices:
                continue
            got = read_words(port, unit, fc, addr, len(words))
            words_of[(point, fc, addr)] = (port, unit, got, truth)
            if got != words:
                wrong.append(f"{point} at {fc}:{addr}: read {got}, shown {words}")
        check("points.plant_stood_still", sim.dump() == before, "it moved")
        check("points.every_register", len(words_of) >= 20 and not wrong,
              f"{len(words_of)} read; {'; '.join(wrong[:3])}")
        read_scaled(sim, "pv1", INVERTER, words_of)
        read_scaled(sim, "bess1", CONVERTER, words_of)
        wrong = []
        for name, addr, unit_of in METER:
            _, _, words, truth = words_of[(f"works.{name}", 4, addr)]
            value = struct.unpack(">f", struct.pack(">HH", *words))[0]
            exact = struct.unpack(">f", struct.pack(">f", truth / unit_of))[0]
            if abs(value - exact) > abs(exact) * 1.3e-7:
                wrong.append(f"{name}: register {value}, plant {exact}")
        check("points.values_works", not wrong, "; ".join(wrong))
    finally:
        sim.stop()


def check_writes():
    sim = Sim("small.yaml", "--start", START, "--speed", "5", "--quiet")
    try:
        port = sim.port[15522]
        for addr, value in ((650, 1), (135, 0x10000 - 1000)):  # start; -100.0 kW
            text = mbpoll(port, 1, "-t", "4", "-r", str(addr), "127.0.0.1", str(value))
            check(f"points.write_{addr}", "Written 1 references" in text, text[-300:])
        moved = wait_until(lambda: abs(sim.value("bess1.kw") + 100) < 1, 10)
        check("points.write_moves_plant", moved, f"bess1.kw is {sim.value('bess1.kw')}, asked -100")
        pcc = float(sim.ask("status").split("pcc_kw=")[1].split()[0])
        text = mbpoll(port, 1, "-t", "4", "-r", "135", "127.0.0.1", "1000")
        fell = wait_until(lambda: float(sim.ask("status").split("pcc_kw=")[1].split()[0])
                          < pcc - 150, 10)
        check("points.write_moves_pcc", fell, f"PCC {pcc} before: {sim.ask('status')}")
        text = mbpoll(port, 1, "-t", "4", "-r", "122", "127.0.0.1", "5")
        check("points.read_only_refused", "Illegal data address" in text, text[-300:])
    finally:
        sim.stop()


def main():
    check_reads()
    check_writes()
    return check.done()


if __name__ == "__main__":
    sys.exit(main())
