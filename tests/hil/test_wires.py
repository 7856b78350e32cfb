#!/usr/bin/env python3
"""The simulator's further wires as clients see them: RTU on pseudo-terminals with the time that bits
take, RTU over TCP, broadcasts, slow clients. Standard library and mbpoll."""

import os
import select
import socket
import subprocess
import sys
import termios
import time

sys.dont_write_bytecode = True
import simlib  # noqa: E402
from rtulib import (READ_20, READ_BATTERY, READ_WATTS, Line, any_port, ask_tcp, rtu, timed,  # noqa: E402
                    whole)
from simlib import Sim, connect, frame, read_pdu, wait_until  # noqa: E402

check = simlib.Checks()
START = "2025-07-14T12:00:00+08:00"
READ_ONE = frame(read_pdu(3, 122, 1))


def words_of(sim, point):
    for (name, _, _, fc, addr), (_, words) in sim.dump().items():
        if name == point:
            return fc, addr, words
    raise KeyError(point)


# ---- Serial buses ----

def check_rates(bus):
    """20 registers at 9600 8N1: (8 + 45) characters, two gaps of 3.5, 10 ms: 13.8 a second. A client
    that wakes late is slower, but nothing is faster than its bits; the second gap may pass while
    the client sleeps."""
    line = Line(bus)
    ends, began = [], time.monotonic()
    while time.monotonic() - began < 6:
        answer = line.ask(3, READ_20)
        if not answer or len(answer) != 42:
            break
        ends.append(time.monotonic())
    took = sorted(b - a for a, b in zip(ends, ends[1:]))
    print(f"{len(ends) / 6:.2f} reads of 20 registers a second at 9600 8N1, the fastest "
          f"{took[0] * 1e3:.1f} ms, the median {took[len(took) // 2] * 1e3:.1f} ms")
    check("wires.rtu_answers", len(ends) > 20, f"{len(ends)}, then {answer}")
    check("wires.rtu_rate", took[0] > 0.0685 and 12.8 < 1 / took[len(took) // 10] < 14.8, str(took[:12]))
    line.close()


def check_mbpoll(sim, bus):
    sim.ask("inject pv1 freeze")
    fc, addr, words = words_of(sim, "pv1.degc")
    out = subprocess.run(["mbpoll", "-m", "rtu", "-b", "9600", "-P", "none", "-0", "-a", "3", "-t", "4",
                          "-r", str(addr), "-c", "1", "-1", bus],
                         capture_output=True, text=True, timeout=20, check=False)
    sim.ask("clear pv1")
    check("wires.rtu_mbpoll", fc == 3 and f"[{addr}]: \t{words[0]}" in out.stdout,
          out.stdout[-200:] + out.stderr)


def check_bus(bus):
    line = Line(bus)
    check("wires.rtu_two_units", line.ask(3, READ_WATTS) and
          line.ask(5, READ_BATTERY), "a unit does not answer")
    check("wires.rtu_exceptions", line.ask(5, read_pdu(3, 9000, 1)) == b"\x83\x02" and
          line.ask(5, b"\x41\x00") == b"\xc1\x01", "not exceptions 2 and 1")
    check("wires.rtu_unknown_unit", line.ask(77, READ_BATTERY, 0.4) == b"", "answered")
    bad = rtu(5, READ_BATTERY)
    line.send(bad[:-1] + bytes([bad[-1] ^ 1]))
    check("wires.rtu_bad_crc_silence", line.hear(1, 0.4) == b"", "answered")
    line.send(bad[:5])
    time.sleep(0.1)  # more than 3.5 characters: two pieces, and neither is a frame
    line.send(bad[5:])
    check("wires.rtu_gap_ends_a_frame", line.hear(1, 0.4) == b"", "answered")
    line.send(bad + bad)  # without a gap it is one frame, and none with a good CRC
    check("wires.rtu_no_gap_no_frame", line.hear(1, 0.4) == b"", "answered")
    check("wires.rtu_goes_on", bool(line.ask(5, READ_BATTERY)), "no answer after the bad ones")
    line.set_speed(termios.B19200)
    check("wires.rtu_wrong_speed_silence", line.ask(5, READ_BATTERY, 0.4) == b"", "answered")
    line.set_speed(termios.B9600)
    check("wires.rtu_right_speed", bool(line.ask(5, READ_BATTERY)), "no answer")
    line.close()


def check_one_at_a_time(bus):
    """Two clients on one bus. What they send together is no frame; who talks into an answer spoils it; and
    never does a second answer come before the first one's end."""
    one, other = Line(bus), Line(bus)
    ways = {"nothing": 0, "spoilt": 0, "first": 0, "in turn": 0, "else": 0}

    def hear():
        got = one.hear(52, 0.35)
        ways["nothing" if not got else "spoilt" if len(got) == 45 and not whole(got) else
             "first" if len(got) == 45 else
             "in turn" if whole(got[:45]) and whole(got[45:]) else "else"] += 1

    for _ in range(8):
        one.send(rtu(3, READ_20))
        other.send(rtu(5, READ_BATTERY))
        hear()
    check("wires.rtu_together_no_frame", ways["nothing"] > 0 and not ways["else"], str(ways))
    for _ in range(8):
        one.send(rtu(3, READ_20))
        time.sleep(0.04)
        other.send(rtu(5, READ_BATTERY))
        hear()
    check("wires.rtu_collision_spoils", ways["spoilt"] > 0, str(ways))
    check("wires.rtu_never_two_at_once", not ways["else"], str(ways))
    check("wires.rtu_after_collision", bool(one.ask(5, READ_BATTERY)), "silent")
    one.close()
    other.close()


def check_broadcast(sim, place):
    """On a bus of four one frame for all starts all four, and nobody says a word; M12: one does."""
    mills = [f"mill{i}" for i in range(1, 5)]
    line = Line(place, termios.B19200)
    kind = "tcp" if isinstance(place, int) else "bus"
    before = [sim.value(f"{m}.run") for m in mills]
    to = 0 if before[0] else 1
    line.send(rtu(0, bytes([6, 0, 200, 0, to])))
    changed = wait_until(lambda: all(sim.value(f"{m}.run") == to for m in mills), 0.3)
    check(f"wires.broadcast_{kind}", before == [1 - to] * 4 and changed,
          f"before {before}, now {[sim.value(f'{m}.run') for m in mills]}, wanted {to}")
    check(f"wires.broadcast_{kind}_unanswered", line.hear(1, 2.0) == b"", "answered")
    check(f"wires.broadcast_{kind}_read", line.ask(0, read_pdu(3, 200, 1), 0.3) == b"", "answered")
    sim.ask("inject mill2 M12")
    line.send(rtu(0, bytes([6, 0, 200, 0, to])))
    heard = line.hear(8, 1.0)
    check(f"wires.M12_{kind}", whole(heard) and heard[0] == 12, f"heard {heard.hex()}")
    sim.ask("inject mill3 answers_broadcast")
    line.send(rtu(0, bytes([6, 0, 200, 0, to])))
    heard = line.hear(8, 1.0)
    check(f"wires.M12_{kind}_two_talk", len(heard) == 8 and not whole(heard), f"heard {heard.hex()}")
    check(f"wires.M12_{kind}_clears", sim.ask("clear mill2") == "ok 2", "not of both wires")
    line.send(rtu(0, bytes([6, 0, 200, 0, to])))
    check(f"wires.M12_{kind}_cleared", line.hear(1, 0.5) == b"", "answered")
    line.close()


# ---- RTU over TCP ----

def check_rtu_tcp(port):
    line = Line(port)
    answer = line.ask(3, READ_20)
    check("wires.rtu_tcp_read", answer and len(answer) == 42, f"got {answer}")
    for i, piece in enumerate(rtu(5, bytes([16, 0, 135, 0, 1, 2, 0, 0]))):
        line.send(bytes([piece]))
        time.sleep(0.02 if i % 4 == 0 else 0)
    answer = line.hear(8, 1)
    check("wires.rtu_tcp_pieces", whole(answer) and answer[1:4] == b"\x10\x00\x87", f"got {answer.hex()}")
    line.send(rtu(3, READ_WATTS) + rtu(5, read_pdu(3, 9000, 1)) + rtu(5, READ_BATTERY))
    heard = line.hear(7 + 5 + 7, 1)
    check("wires.rtu_tcp_pipelining", [whole(heard[:7]), whole(heard[7:12]), whole(heard[12:])] ==
          [True] * 3 and [heard[0], heard[7], heard[12]] == [3, 5, 5], f"heard {heard.hex()}")
    bad = rtu(5, READ_BATTERY)
    line.send(bad[:-1] + bytes([bad[-1] ^ 1]))
    check("wires.rtu_tcp_bad_crc_silence", line.hear(1, 0.3) == b"", "answered")
    check("wires.rtu_tcp_unknown_unit", line.ask(77, READ_BATTERY, 0.3) == b"", "answered")
    check("wires.rtu_tcp_function", line.ask(5, b"\x41\x00\x00") == b"\xc1\x01", "not exception 1")
    check("wires.rtu_tcp_goes_on", bool(line.ask(5, READ_BATTERY)), "no answer")
    line.close()


def check_slow_loris(port):
    """50 connections, one byte each 0.4 s, of a request that takes longer than 5 s: they are closed, and
    others do not notice."""
    slow = [connect(port) for _ in range(50)]
    other = connect(port)
    drip = frame(bytes([16, 0, 135, 0, 20, 40]) + bytes(40))
    took, closed = [], {}
    began, sent = time.monotonic(), 0
    while time.monotonic() - began < 8 and len(closed) < len(slow):
        if time.monotonic() - began >= 0.4 * sent:
            for s in slow:
                try:
                    s.send(drip[sent:sent + 1])
                except ConnectionError:
                    pass
            sent += 1
        took.append(timed(lambda: ask_tcp(other))[1])
        for s in select.select([s for s in slow if s not in closed], [], [], 0.005)[0]:
            closed[s] = time.monotonic() - began
    took.sort()
    p99 = took[len(took) * 99 // 100]
    print(f"beside 50 slow clients: {len(took)} reads, p50 {took[len(took) // 2] * 1e3:.2f} ms, "
          f"p99 {p99 * 1e3:.2f} ms")
    check("wires.slow_loris_closed", len(closed) == 50 and
          all(4.9 < at < 6.5 for at in closed.values()),
          f"{len(closed)} closed, {sorted(closed.values())[:3]}")
    check("wires.slow_loris_others", took[-1] < 2 and len(took) > 20, f"worst {took[-1]:.3f} s")
    for s in slow + [other]:
        s.close()


# Requests that a device refuses, and what is no Modbus TCP at all: the connection ends.
REFUSED = [frame(pdu) for pdu in (read_pdu(3, 9000, 1), read_pdu(3, 122, 0), read_pdu(3, 122, 126),
                                  bytes([0x41, 0, 0]), read_pdu(6, 122, 5), read_pdu(3, 65535, 2),
                                  bytes([16, 0, 135, 0, 1, 4, 0, 1]), bytes([3, 0, 122]))]
BROKEN = [frame(read_pdu(3, 122, 1), protocol=256), frame(read_pdu(3, 122, 1), length=1),
          frame(read_pdu(3, 122, 1), length=255), b"GET / HTTP/1.1\r\n\r\n"]
A_SECOND = 1000
STALL_S = 0.005


class Nuisance:
    """Sends 1,000 requests a second, or as many as the machine lets it, all of them wrong or all right;
    counts what comes back."""

    def __init__(self, port, wrong):
        self.port, self.wrong = port, wrong
        self.socket, self.sent, self.answers, self.ended = connect(port), 0, 0, 0

    def some(self, count):
        """So many requests at once; with wrong ones the last one ends the connection."""
        if not self.wrong:
            self.socket.sendall(READ_ONE * count)
        else:
            for i in range(count - 1):
                self.socket.sendall(REFUSED[(self.sent + i) % len(REFUSED)])
            self.socket.sendall(BROKEN[self.sent // count % len(BROKEN)])
        self.sent += count

    def hear(self, count):
        """Takes the answers to some(count); a new connection where the old one has ended."""
        got = 0
        for _ in range(count - self.wrong):
            answer = simlib.receive(self.socket, 2)
            got += bool(answer) and bool(answer[2][0] & 0x80) == self.wrong
        self.answers += got
        if self.wrong:
            self.ended += simlib.receive(self.socket, 2) is None
            self.socket.close()
            self.socket = connect(self.port)


def beside(port, wrong, seconds):
    """Latencies of one client's good requests, each sent right behind ten of another client's."""
    other, bad = connect(port), Nuisance(port, wrong)
    took, began = [], time.monotonic()
    while time.monotonic() - began < seconds:
        due = began + bad.sent / A_SECOND
        time.sleep(max(0, due - time.monotonic()))
        bad.some(10)
        took.append(timed(lambda: ask_tcp(other, pdu=READ_BATTERY))[1])
        bad.hear(10)
    took.sort()
    good = bad.answers == (9 if wrong else 10) * len(took) and bad.ended == (len(took) if wrong else 0)
    other.close()
    bad.socket.close()
    return took[len(took) * 99 // 100], bad.sent / (time.monotonic() - began), good


def check_no_stall(port):
    """1,000 refused or broken requests a second cost another client no more than as many good ones do.
    (A server on libmodbus stalls all for 0.5 s at each.) The best of four rounds of each kind, or of up to
    twelve: what other work does to the machine is not the server's, which would stall in each of them."""
    rounds, best = [], [0, STALL_S]
    while len(rounds) < 4 or (best[1] >= best[0] + STALL_S and len(rounds) < 12):
        rounds.append((beside(port, False, 1), beside(port, True, 1)))
        best = [min(r[i][0] for r in rounds) for i in (0, 1)]
    rate = max(r[1][1] for r in rounds)
    print(f"beside {rate:.0f} wrong requests a second: p99 {best[1] * 1e3:.2f} ms, beside good ones "
          f"{best[0] * 1e3:.2f} ms")
    check("wires.no_stall_all_refused", all(r[1][2] and r[0][2] for r in rounds), str(rounds))
    check("wires.no_stall", best[1] < best[0] + STALL_S, f"{best[1]:.4f} s, {best[0]:.4f} s beside good ones")


# ---- The command line ----

def check_command_line(sim):
    for name, args, says in (
            ("no_device", ["--rtu", "x=pv9"], "no device"), ("no_place", ["--rtu", "pv1"], "PATH=DEVICE"),
            ("same_unit", ["--rtu", "x=pv1,bess1"], "both unit 1"),
            ("unit", ["--rtu", "x=pv1:248"], "1 to 247"),
            ("baud", ["--rtu", "x=pv1@9601"], "9600,8N1"), ("port", ["--rtu-tcp", "x=pv1"], "4196"),
            ("line_on_tcp", ["--rtu-tcp", "4196=pv1@9600"], "nothing behind"),
            ("lockstep", ["--rtu", "x=pv1", "--speed", "lockstep", "--control", "y"], "TCP alone")):
        got = subprocess.run([simlib.BINARY, "sim", sim.park_file, "--devices", "etc/devices", *args],
                             capture_output=True, text=True, timeout=30, check=False)
        check(f"wires.option_{name}", got.returncode == 2 and says in got.stderr,
              f"status {got.returncode}, {got.stderr[-200:]}")
    got = subprocess.run([simlib.BINARY, "sim", "--help"], capture_output=True, text=True, timeout=30,
                         check=False).stdout
    check("wires.help_lists_faults", "L11 gateway[:MS]" in got and "M12" in got, got[-300:])


def check_path(bus_dir):
    """A stale link is replaced, a file of that name is not touched."""
    stale, kept = f"{bus_dir}/stale", f"{bus_dir}/file"
    os.symlink("/nowhere", stale)
    with open(kept, "w", encoding="utf-8") as f:
        f.write("precious")
    sim = Sim("small.yaml", "--start", START, "--quiet", "--rtu", f"{stale}=pv1")
    line = Line(stale)
    check("wires.path_stale", bool(line.ask(1, READ_WATTS)), "no answer")
    line.close()
    sim.stop()
    check("wires.path_goes", not os.path.lexists(stale), "the link is still there")
    try:
        Sim("small.yaml", "--start", START, "--quiet", "--rtu", f"{kept}=pv1").stop()
        refused = False
    except RuntimeError as e:
        refused = "not a link" in str(e)
    with open(kept, encoding="utf-8") as f:
        check("wires.path_keeps_file", refused and f.read() == "precious", "overwritten or not told")


def run_small(folder):
    bus, port = f"{folder}/bus", any_port()
    sim = Sim("small.yaml", "--start", START, "--rtu", f"{bus}=pv1:3,bess1:5@9600,8N1,10", "--rtu-tcp",
              f"{port}=pv1:3,bess1:5")
    try:
        check("wires.banner", f"serial bus {bus}, 9600 baud 8N1, turnaround 10 ms, 3 units" in sim.banner and
              f"RTU over TCP on 127.0.0.1:{port}, 3 units" in sim.banner, sim.banner)
        check_rates(bus)
        check_mbpoll(sim, bus)
        check_bus(bus)
        check_one_at_a_time(bus)
        check_rtu_tcp(port)
        check_slow_loris(sim.port[15522])
        check_no_stall(sim.port[15522])
        check_command_line(sim)
        check("wires.ends_well", sim.stop() == 0, "exit status")
    finally:
        if sim.process.poll() is None:
            sim.process.kill()


def run_mills(folder):
    bus, port = f"{folder}/mills", any_port()
    units = ",".join(f"mill{i}:{10 + i}" for i in range(1, 5))
    sim = Sim("ceramics.yaml", "--start", START, "--quiet", "--rtu", f"{bus}={units}@19200,8E1", "--rtu-tcp",
              f"{port}={units}")
    try:
        check_broadcast(sim, bus)
        check_broadcast(sim, port)
    finally:
        sim.stop()


def main():
    socket.setdefaulttimeout(5)
    folder = os.environ.get("TMPDIR", "/tmp")
    run_small(folder)
    check_path(folder)
    run_mills(folder)
    return check.done()


if __name__ == "__main__":
    sys.exit(main())
