#!/usr/bin/env python3
"""The simulator under a controller's load: all devices of the reference park polled together at x60,
what that costs, and 1 200 connections at once."""

import selectors
import socket
import sys
import time

sys.dont_write_bytecode = True
import simlib  # noqa: E402
from simlib import Sim, connect, frame, read_pdu, receive  # noqa: E402

check = simlib.Checks()
WANTED_PER_S = 3500


def requests_of(sim):
    """One connection per port, with a request for a point of each unit behind it."""
    first = {}
    for (_, port, unit, fc, addr), (_, words) in sim.dump().items():
        first.setdefault((port, unit), (fc, addr, len(words)))
    sockets = {}
    for (port, unit), (fc, addr, count) in first.items():
        s = sockets.setdefault(port, (connect(port), []))
        s[1].append(frame(read_pdu(fc, addr, count), unit=unit, tid=unit))
    return list(sockets.values())


def poll_round(lines, selector):
    """Asks every line once and waits for all answers; returns (answers, errors)."""
    waiting = {}
    for s, frames in lines:
        s.sendall(b"".join(frames))
        waiting[s] = [len(frames), b""]
    good = bad = 0
    end = time.monotonic() + 2
    while waiting and time.monotonic() < end:
        for key, _ in selector.select(0.5):
            state = waiting.get(key.fileobj)
            if state is None:
                continue
            state[1] += key.fileobj.recv(4096)
            while len(state[1]) >= 6 and len(state[1]) >= 6 + state[1][5]:
                good += 1
                bad += state[1][7] & 0x80 != 0
                state[1] = state[1][6 + state[1][5]:]
                state[0] -= 1
            if state[0] == 0:
                del waiting[key.fileobj]
    return good, bad + sum(n for n, _ in waiting.values())


def check_load(sim):
    lines = requests_of(sim)
    selector = selectors.DefaultSelector()
    for s, _ in lines:
        selector.register(s, selectors.EVENT_READ)
    per_round = sum(len(frames) for _, frames in lines)
    done = bad = 0
    began, cpu = time.monotonic(), sim.cpu_s()
    while time.monotonic() - began < 6:
        due = began + done / WANTED_PER_S
        time.sleep(max(0, due - time.monotonic()))
        good, wrong = poll_round(lines, selector)
        done += good
        bad += wrong
    took, cpu = time.monotonic() - began, sim.cpu_s() - cpu
    per_call_us = cpu / max(done, 1) * 1e6
    print(f"{per_round} devices, {done / took:.0f} transactions/s, {cpu / took:.2f} of a core, "
          f"{per_call_us:.0f} us each with the plant's own steps")
    check("sim.load_no_errors", bad == 0 and done > 1000, f"{bad} bad of {done}")
    check("sim.load_under_a_core", per_call_us * WANTED_PER_S < 0.6e6,
          f"{per_call_us:.0f} us per transaction")
    for s, _ in lines:
        s.close()


def check_connections(sim):
    """Spread over a few ports, as clients that never close would be."""
    ports = list(sim.port.values())[:20]
    held = []
    try:
        for i in range(1200):
            held.append(connect(ports[i % len(ports)]))
    except OSError as e:
        check("sim.connections_1200", False, f"{len(held)} connections, then {e}")
        return
    held[-1].sendall(frame(bytes([0x41])))
    answer = receive(held[-1])
    count = int(sim.ask("status").split("connections=")[1].split()[0])
    check("sim.connections_1200", bool(answer) and count >= 1200, f"{count} held, {answer}")
    for s in held:
        s.close()


def main():
    if sys.platform == "linux":
        import resource
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    socket.setdefaulttimeout(5)
    sim = Sim("ceramics.yaml", "--speed", "60", "--start", "2025-07-14T09:00:00+08:00", "--quiet")
    try:
        check_load(sim)
        check_connections(sim)
        check("sim.ends_well", sim.stop() == 0, "exit status")
    finally:
        if sim.process.poll() is None:
            sim.process.kill()
    return check.done()


if __name__ == "__main__":
    sys.exit(main())
