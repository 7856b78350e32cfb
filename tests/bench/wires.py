#!/usr/bin/env python3
"""What the simulator's wires carry: Modbus TCP under load, many connections, slow clients, and serial
buses beside the time that their bits take. Prints figures; passes nothing, fails nothing.

    tests/bench/wires.py [--seconds 60] [--devices 100] [--connections 1200]"""

import argparse
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import termios
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "hil"))
import simlib  # noqa: E402
from rtulib import Line, ask_tcp, timed  # noqa: E402
from simlib import Sim, connect, frame, read_pdu  # noqa: E402

START = "2025-07-14T12:00:00+08:00"
ADDR, COUNT = 40071, 50
READ_50 = frame(read_pdu(3, ADDR, COUNT))
CLIENT = str(pathlib.Path(__file__).resolve().parents[2] / "build/tests/bench/load")
BAUDS = {1200: termios.B1200, 2400: termios.B2400, 9600: termios.B9600, 19200: termios.B19200,
         115200: termios.B115200}


def with_inverters(count, ports):
    """An edit of the small park: so many inverters more, one listener each; fills `ports`."""
    def edit(text):
        first = max(int(p) for p in re.findall(r"port: (\d+)", text)) + 2
        ports.extend(range(first, first + count))
        rows = "".join(
            f"  - {{name: roof{i}, kind: pv, profile: sunspec-inverter, host: 127.0.0.1, port: {p}, unit: 1,\n"
            "     rated_kw: 4, dc_kwp: 5, tilt_deg: 8, azimuth_deg: 180, safe: 0.15, signed_off: bench}\n"
            for i, p in enumerate(ports))
        return text.replace("devices:\n", "devices:\n" + rows, 1)
    return edit


def memory_mib(sim):
    status = pathlib.Path(f"/proc/{sim.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024


def load(sim, ports, connections, seconds):
    """One request under way on each connection, all the time, by a client in C: its own share of the
    processor is told beside the simulator's."""
    cpu = sim.cpu_s()
    out = subprocess.run([CLIENT, str(seconds), str(connections), str(ADDR), str(COUNT), *map(str, ports)],
                         capture_output=True, text=True, timeout=seconds + 60, check=False)
    cpu = sim.cpu_s() - cpu
    if not out.stdout:
        sys.exit(out.stderr)
    got = json.loads(out.stdout)
    lasted, done = got["seconds"], got["done"]
    print(f"{connections} connections to {len(ports)} listeners, {COUNT} registers: {done / lasted:.0f} "
          f"transactions/s for {lasted:.0f} s, {got['wrong']} errors, p50 {got['p50_us'] / 1e3:.1f} ms, p99 "
          f"{got['p99_us'] / 1e3:.1f} ms; the simulator used {cpu / lasted:.2f} of a processor, "
          f"{cpu / done * 1e6:.0f} us each with the plants' steps, the client {got['cpu_s'] / lasted:.2f}, "
          f"{got['cpu_s'] / done * 1e6:.0f} us each; {memory_mib(sim):.0f} MiB", flush=True)


def crowd(sim, ports, count):
    held = [connect(ports[i % len(ports)]) for i in range(count)]
    took = sorted(timed(lambda s=s: ask_tcp(s))[1] for s in held)
    known = re.search(r"connections=(\d+)", sim.ask("status")).group(1)
    print(f"{known} connections open at once, each asked once: p50 {took[count // 2] * 1e3:.2f} ms, p99 "
          f"{took[count * 99 // 100] * 1e3:.2f} ms, {memory_mib(sim):.0f} MiB", flush=True)
    for s in held:
        s.close()


def slow(ports, count):
    """So many clients that send a byte each 0.4 s, beside one that wants answers."""
    drips, other = [connect(ports[0]) for _ in range(count)], connect(ports[0])
    took, sent, began = [], 0, time.monotonic()
    while time.monotonic() - began < 4:
        if time.monotonic() - began >= 0.4 * sent:
            for s in drips:
                s.send(READ_50[sent:sent + 1])
            sent += 1
        took.append(timed(lambda: ask_tcp(other))[1])
    took.sort()
    print(f"beside {count} clients that drip: {len(took)} reads, p50 {took[len(took) // 2] * 1e3:.2f} ms, "
          f"p99 {took[len(took) * 99 // 100] * 1e3:.2f} ms", flush=True)
    for s in drips + [other]:
        s.close()


def buses(folder):
    """Reads of 10 and 60 registers one after the other, beside what their characters take."""
    ends = {baud: f"{folder}/bus{baud}" for baud in BAUDS}
    args = [w for baud, end in ends.items() for w in ("--rtu", f"{end}=pv1@{baud},8N1,10")]
    sim = Sim("small.yaml", "--start", START, "--quiet", *args)
    for baud, end in ends.items():
        line = Line(end, BAUDS[baud])
        for count in (10, 60):
            gap_ms = 1.75 if baud > 19200 else 35e3 / baud
            due_ms = (8 + 5 + 2 * count) * 1e4 / baud + 2 * gap_ms + 10
            line.ask(1, read_pdu(3, 40002, count), 5)
            rounds = max(3, int(3000 / due_ms))
            began = time.monotonic()
            good = sum(bool(line.ask(1, read_pdu(3, 40002, count), 5)) for _ in range(rounds))
            each_ms = (time.monotonic() - began) * 1e3 / rounds
            print(f"serial, {baud:6d} baud, {count} registers: {each_ms:7.1f} ms a read, computed "
                  f"{due_ms:7.1f}, {good} of {rounds} answered", flush=True)
        line.close()
    sim.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--devices", type=int, default=100)
    parser.add_argument("--connections", type=int, default=1200)
    ask = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    print(f"{len(os.sched_getaffinity(0))} processors, load {os.getloadavg()[0]:.1f}")
    ports = []
    sim = Sim("small.yaml", "--start", START, "--quiet", edit=with_inverters(ask.devices, ports))
    load(sim, ports, ask.devices, ask.seconds)
    crowd(sim, ports, ask.connections)
    slow(ports, 50)
    sim.stop()
    with tempfile.TemporaryDirectory(prefix="bus") as folder:
        buses(folder)


if __name__ == "__main__":
    main()
