#!/usr/bin/env python3
"""The simulator's registers as third-party clients see them (pymodbus, mbpoll): every point of two
devices to the last digit, exact exceptions, writes that move the plant, watchdogs, faults."""

import json
import pathlib
import signal
import subprocess
import sys
import time
import types

sys.dont_write_bytecode = True
# pymodbus imports its serial client, and that packages which Debian only recommends
sys.modules.setdefault("serial", types.ModuleType("serial"))
sys.modules.setdefault("serial_asyncio", types.SimpleNamespace(create_serial_connection=None))
from pymodbus.client.tcp import ModbusTcpClient  # noqa: E402
import simlib  # noqa: E402
from simlib import Sim, connect, frame, read_pdu, receive, wait_until  # noqa: E402

check = simlib.Checks()
START = "2025-07-14T12:00:00+08:00"

# (point, fc, address, type, scale, scale factor's address), written down from the makers' documents,
# not read from our profiles.
INVERTER = [
    ("kw", 3, 40084, "i16", 0.001, 40085), ("kvar", 3, 40090, "i16", 0.001, 40091),
    ("yield_kwh", 3, 40094, "u32", 0.001, 40096), ("degc", 3, 40103, "i16", 1, 40107),
    ("limit_pu", 3, 40155, "u16", 0.01, 40173), ("limit_timeout_s", 3, 40157, "u16", 1, None),
    ("limit_on", 3, 40159, "u16", 1, None),
]
CONVERTER = [
    ("kw", 3, 122, "i16", 0.1, None), ("kvar", 3, 123, "i16", 0.1, None),
    ("set_kw", 3, 135, "i16", 0.1, None), ("timeout_s", 3, 327, "u16", 1, None),
    ("charge_kwh", 3, 144, "u32", 0.1, None), ("discharge_kwh", 3, 146, "u32", 0.1, None),
]


def raw(words, kind):
    if kind == "u32":
        return words[0] << 16 | words[1]
    return words[0] - 65536 if kind == "i16" and words[0] >= 32768 else words[0]


def read_words(client, unit, fc, addr, count):
    call = {1: client.read_coils, 2: client.read_discrete_inputs,
            3: client.read_holding_registers, 4: client.read_input_registers}[fc]
    answer = call(addr, count, slave=unit)
    if answer.isError():
        return None
    return [int(b) for b in answer.bits[:count]] if fc < 3 else answer.registers


def check_every_register(sim):
    """What pymodbus reads is what the simulator says that it shows, for all devices of the park."""
    sim.ask("inject all freeze")
    clients, seen, wrong = {}, 0, []
    for (point, port, unit, fc, addr), (_, words) in sorted(sim.dump().items()):
        client = clients.setdefault(port, ModbusTcpClient("127.0.0.1", port=port))
        seen += 1
        got = read_words(client, unit, fc, addr, len(words))
        if got != words:
            wrong.append(f"{point} at {fc}:{addr}: read {got}, shown {words}")
    for client in clients.values():
        client.close()
    sim.ask("clear all")
    check("sim.every_register", seen > 30 and not wrong, f"{seen} seen; " + "; ".join(wrong[:3]))


def check_values(sim, device, table, unit, port):
    """Decoded by hand from the maker's scale, a register shows the plant's value to its last digit."""
    client = ModbusTcpClient("127.0.0.1", port=port)
    shown = {(key[0], key[3], key[4]): both for key, both in sim.dump().items() if key[2] == unit}
    wrong = []
    for name, fc, addr, kind, scale, sf_addr in table:
        truth, words = shown[(f"{device}.{name}", fc, addr)]
        sf = raw(read_words(client, unit, fc, sf_addr, 1), "i16") if sf_addr else 0
        lsb = scale * 10 ** sf
        if abs(raw(words, kind) * lsb - truth) > lsb * 0.5000001:
            wrong.append(f"{name}: register {raw(words, kind) * lsb}, plant {truth}")
    client.close()
    check(f"sim.values_{device}", not wrong, "; ".join(wrong))


def check_mbpoll(sim, port):
    sim.ask("inject bess1 freeze")
    words = [w for k, (_, w) in sim.dump().items() if k[0] == "bess1.timeout_s"][0]
    out = subprocess.run(["mbpoll", "-m", "tcp", "-0", "-a", "1", "-t", "4", "-r", "327", "-c", "1",
                          "-1", "-p", str(port), "127.0.0.1"], capture_output=True, text=True,
                         timeout=20, check=False)
    sim.ask("clear bess1")
    check("sim.mbpoll", f"[327]: \t{words[0]}" in out.stdout, out.stdout[-200:] + out.stderr)


def exception_of(s, pdu):
    s.sendall(frame(pdu))
    answer = receive(s)
    return answer[2][1] if answer and answer[2][0] & 0x80 else answer


def check_exceptions(port):
    s = connect(port)
    wants = [
        ("unmapped", read_pdu(3, 9000, 1), 2), ("across_a_hole", read_pdu(3, 123, 4), 2),
        ("quantity_0", read_pdu(3, 122, 0), 3), ("quantity_126", read_pdu(3, 122, 126), 3),
        ("function_41", bytes([0x41, 0, 0]), 1), ("function_2b", bytes([0x2B, 14, 1, 0]), 1),
        ("write_read_only", read_pdu(6, 122, 5), 2), ("past_the_end", read_pdu(3, 65535, 2), 2),
        ("coil_value", read_pdu(5, 0, 0x1234), 3), ("byte_count", bytes([16, 0, 135, 0, 1, 4, 0, 1]), 3),
        ("half_of_32_bit_reads", read_pdu(3, 145, 1), None),
    ]
    for name, pdu, want in wants:
        got = exception_of(s, pdu)
        good = got == want if want else got and got[2][0] == 3 and len(got[2]) == 4
        check(f"sim.exception_{name}", good, f"got {got}, wanted {want}")
    s.close()


def check_framing(port):
    for tid in (0, 65535):
        s = connect(port)
        s.sendall(frame(read_pdu(3, 122, 1), tid=tid))
        got = receive(s)
        check(f"sim.tid_{tid}", got and got[0] == tid and got[1] == 1, str(got))
        s.close()
    for name, data in (("protocol", frame(read_pdu(3, 122, 1), protocol=256)),
                       ("length_1", frame(read_pdu(3, 122, 1), length=1)),
                       ("length_255", frame(read_pdu(3, 122, 1), length=255))):
        s = connect(port)
        s.sendall(data)
        check(f"sim.closes_on_{name}", receive(s) is None, "answered or kept open")
        s.close()
    s = connect(port)
    s.sendall(b"".join(frame(read_pdu(3, 9000 if i == 0 else 122, 1), tid=10 + i)
                       for i in range(4)))
    got = [receive(s) for _ in range(4)]
    check("sim.pipelining", [g[0] for g in got if g] == [10, 11, 12, 13] and got[0][2][0] == 0x83
          and all(g[2][0] == 3 for g in got[1:]), str(got))
    s.sendall(frame(read_pdu(3, 122, 1), unit=77))
    got = receive(s)
    check("sim.unknown_unit", got and got[2] == bytes([0x83, 11]), str(got))
    s.close()


def check_writes(sim, port):
    client = ModbusTcpClient("127.0.0.1", port=port)
    client.write_register(650, 1, slave=1)
    client.write_register(135, (-1000) & 0xFFFF, slave=1)
    back = read_words(client, 1, 3, 135, 1)
    check("sim.write_reads_back", back == [(-1000) & 0xFFFF], str(back))
    moved = wait_until(lambda: abs(sim.value("bess1.kw") + 100) < 1, 20)
    check("sim.write_moves_plant", moved, f"bess1.kw is {sim.value('bess1.kw')}, asked -100")
    client.write_register(135, 32000, slave=1)
    check("sim.clamps", wait_until(lambda: sim.value("bess1.set_kw") == 200, 2),
          f"set_kw is {sim.value('bess1.set_kw')}, rated 200")
    client.write_register(651, 1, slave=1)
    stopped = wait_until(lambda: abs(sim.value("bess1.kw")) < 2, 10)
    check("sim.procedure_stops", stopped, f"bess1.kw is {sim.value('bess1.kw')}")
    client.close()


def check_faults(sim, port):
    ask = frame(read_pdu(3, 122, 1))
    check("sim.inject_nobody", sim.ask("inject nobody silent").startswith("error"), "took it")
    check("sim.inject_nonsense", sim.ask("inject bess1 silence").startswith("error"), "took it")
    check("sim.inject_counts", sim.ask("inject bess1 silent") == "ok 1", "not ok 1")
    check("sim.inject_twice", sim.ask("inject bess1 silent").startswith("error 0"), "took it twice")
    s = connect(port)
    s.sendall(ask)
    check("sim.silent", receive(s, 0.5) == b"", "answered")
    sim.ask("clear bess1")
    sim.ask("inject bess1 late:400")
    began = time.monotonic()
    s.sendall(ask)
    got, took = receive(s), time.monotonic() - began
    check("sim.late", got and 0.38 < took < 1.0, f"{got} after {took:.3f} s")
    sim.ask("clear bess1")
    sim.ask("inject bess1 drip")
    began = time.monotonic()
    s.sendall(ask)
    got, took = receive(s, 10), time.monotonic() - began
    check("sim.drip", got and 3.5 < took < 6, f"{got} after {took:.2f} s")
    sim.ask("clear bess1")
    sim.ask("inject bess1 exception:6")
    check("sim.exception_fault", exception_of(s, read_pdu(3, 122, 1)) == 6, "another answer")
    sim.ask("clear bess1")
    sim.ask("inject bess1 reset")
    check("sim.reset", receive(s, 1) is None, "still open")
    sim.ask("clear bess1")
    sim.ask("inject bess1 refuse")
    try:
        connect(port).close()
        refused = False
    except ConnectionRefusedError:
        refused = True
    check("sim.refuse", refused, "connected")
    check("sim.clear_counts", sim.ask("clear bess1") == "ok 1", "not ok 1")
    s = connect(port)
    s.sendall(ask)
    check("sim.cleared", bool(receive(s)), "no answer")
    s.close()


def check_plant_faults(sim):
    before = float(sim.ask("status").split("pcc_kw=")[1].split()[0])
    check("sim.load_step", sim.ask("inject load_step works 150") == "ok 1", "refused")
    moved = wait_until(lambda: float(sim.ask("status").split("pcc_kw=")[1].split()[0]) >
                       before + 100, 3)
    check("sim.load_step_acts", moved, f"PCC before {before}, now {sim.ask('status')}")
    check("sim.trip", sim.ask("inject trip pv1 3") == "ok 1", "refused")
    check("sim.trip_acts", wait_until(lambda: sim.value("pv1.kw") == 0, 2), "PV still feeds")
    check("sim.trip_meter", sim.ask("inject trip pcc").startswith("error 0"), "a meter tripped")
    check("sim.cloud_night_or_day", sim.ask("inject cloud 0.8 20").startswith("ok"), "no PV sees light")


def check_slow_client(port):
    s, t = connect(port), connect(port)
    s.sendall(b"\x00\x01")
    began, worst = time.monotonic(), 0.0
    closed = None
    while time.monotonic() - began < 8 and closed is None:
        one = time.monotonic()
        t.sendall(frame(read_pdu(3, 122, 1)))
        receive(t)
        worst = max(worst, time.monotonic() - one)
        s.settimeout(0.1)
        try:
            closed = time.monotonic() - began if s.recv(1) == b"" else None
        except TimeoutError:
            pass
    check("sim.slow_loris_closed", closed is not None and 4.5 < closed < 6.5, f"after {closed}")
    check("sim.slow_loris_no_stall", worst < 0.25, f"another client waited {worst:.3f} s")
    s.close()
    t.close()


def run_sim(*args):
    return subprocess.run([simlib.BINARY, "sim", *args], capture_output=True, text=True, timeout=30,
                          check=False)


def check_command_line(sim):
    park = sim.park_file
    check("sim.help", "examples:" in run_sim("--help").stdout, "no examples")
    for name, args, status, says in (
            ("no_park", [], 2, "usage"), ("bad_speed", [park, "--speed", "0"], 2, "above 0"),
            ("bad_option", [park, "--sped", "1"], 2, "--sped"), ("no_value", [park, "--speed"], 2, "value"),
            ("bad_start", [park, "--start", "noon", "--devices", "etc/devices"], 2, "2025-07-14T"),
            ("missing_park", [f"{sim.dir}/none.yaml"], 1, "none.yaml"),
            ("port_in_use", [park, "--devices", "etc/devices"], 3, "another simulator")):
        got = run_sim(*args)
        check(f"sim.{name}", got.returncode == status and says in got.stderr,
              f"status {got.returncode}, {got.stderr[-200:]}")


def check_interrupt():
    sim = Sim("small.yaml", "--start", START, "--quiet")
    sim.process.send_signal(signal.SIGINT)
    status = sim.process.wait(10)
    check("sim.interrupt_keeps_report", status == 0 and pathlib.Path(sim.report).exists(),
          f"status {status}")
    sim.process.stdout.close()
    timed = Sim("small.yaml", "--start", START, "--quiet", "--speed", "600", "--hours", "0.1")
    status = timed.process.wait(20)
    seconds = json.loads(pathlib.Path(timed.report).read_text())["seconds"]
    check("sim.hours", status == 0 and seconds == 360, f"status {status}, {seconds} s")
    timed.process.stdout.close()


def check_watchdogs():
    """At x20: class C falls to 0 when all frames cease, class A when the setpoint is not renewed."""
    sim = Sim("small.yaml", "--speed", "20", "--start", START, "--quiet")
    try:
        bess, pv = sim.port[15522], sim.port[15521]
        client = ModbusTcpClient("127.0.0.1", port=bess)
        client.write_register(650, 1, slave=1)
        client.write_register(135, 500, slave=1)
        began = time.monotonic()
        while time.monotonic() - began < 6: # 120 s of the plant: reads alone keep it alive
            client.read_holding_registers(122, 1, slave=1)
            time.sleep(0.2)
        check("sim.class_c_reads_feed", sim.value("bess1.set_kw") == 50,
              f"set_kw is {sim.value('bess1.set_kw')}")
        client.close()
        fell = wait_until(lambda: sim.value("bess1.set_kw") == 0, 5)
        check("sim.class_c_falls", fell, f"set_kw is {sim.value('bess1.set_kw')}")
        client = ModbusTcpClient("127.0.0.1", port=pv)
        client.write_register(40157, 60, slave=1)
        client.write_register(40159, 1, slave=1)
        client.write_register(40155, 3000, slave=1)
        at = time.monotonic()
        limited = wait_until(lambda: sim.value("pv1.limit_pu") == 0.3, 1)
        while sim.value("pv1.limit_pu") == 0.3 and time.monotonic() - at < 8:
            client.read_holding_registers(40084, 1, slave=1)
            time.sleep(0.02)
        took = (time.monotonic() - at) * 20
        check("sim.class_a_reverts", limited and 57 < took < 72, f"after {took:.0f} s of 60")
        client.close()
    finally:
        sim.stop()


def check_end(sim):
    judged = json.loads(sim.ask("judge")[3:])
    check("sim.judge", judged["kpi"]["import_kwh"] > 0 and "pv1" in judged["safe"], "no figures")
    status = sim.stop()
    report = json.loads(pathlib.Path(sim.report).read_text())
    check("sim.report", status == 0 and report["seconds"] >= judged["seconds"], f"status {status}")


def main():
    sim = Sim("small.yaml", "--start", START)
    check("sim.banner", "served:" in sim.banner and "listening on" in sim.banner, sim.banner)
    try:
        bess = sim.port[15522]
        check_every_register(sim)
        check_values(sim, "pv1", INVERTER, 1, sim.port[15521])
        check_values(sim, "bess1", CONVERTER, 1, bess)
        check_mbpoll(sim, bess)
        check_exceptions(bess)
        check_framing(bess)
        check_writes(sim, bess)
        check_faults(sim, bess)
        check_plant_faults(sim)
        check_slow_client(bess)
        check_command_line(sim)
        check_end(sim)
    finally:
        if sim.process.poll() is None:
            sim.process.kill()
    check_watchdogs()
    check_interrupt()
    return check.done()


if __name__ == "__main__":
    sys.exit(main())
