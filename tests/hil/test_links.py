#!/usr/bin/env python3
"""Faults of the simulated links, L1 to L11 and M6, each put on, seen by a client, and seen gone: on
Modbus TCP, on RTU over TCP and on a serial bus. Standard library only."""

import os
import socket
import sys
import termios
import time

sys.dont_write_bytecode = True
import simlib  # noqa: E402
from rtulib import (READ_20, READ_BATTERY, READ_WATTS, Line, any_port, ask_tcp, receive_last,  # noqa: E402
                    rtu, timed, whole)
from simlib import Sim, connect, frame, read_pdu, receive  # noqa: E402

check = simlib.Checks()


class Fault:
    """One fault on pv1 for as long as the block lasts; clearing counts it again."""

    def __init__(self, sim, text, links):
        self.sim, self.text, self.links = sim, text, links
        self.name = "link." + text.split(":")[0]

    def __enter__(self):
        got = self.sim.ask(f"inject pv1 {self.text}")
        check(f"{self.name}_affects", got == f"ok {self.links}", got)
        return self.name

    def __exit__(self, *_):
        got = self.sim.ask("clear pv1")
        check(f"{self.name}_clears", got == f"ok {self.links}", got)


def check_latency(sim, port, rtu_port, bus):
    s, line, over = connect(port), Line(bus), Line(rtu_port)
    with Fault(sim, "L1:300", 3) as name:
        for kind, ask in (("tcp", lambda: ask_tcp(s)), ("bus", lambda: line.ask(3, READ_WATTS)),
                          ("rtu_tcp", lambda: over.ask(3, READ_WATTS))):
            got, took = timed(ask)
            check(f"{name}_{kind}", got and 0.29 < took < 3, f"{got} after {took:.3f} s")
    got, took = timed(lambda: ask_tcp(s))
    check("link.L1_over", got and took < 0.29, f"{got} after {took:.3f} s")
    with Fault(sim, "latency:60,20", 3) as name:
        spread = [timed(lambda: ask_tcp(s))[1] for _ in range(15)]
        check(f"{name}_jitter", max(spread) - min(spread) > 0.01 and min(spread) > 0.005, str(spread))
    for end in (s, line, over):
        end.close()


def check_losses(sim, port, rtu_port, bus):
    """A lost request does nothing; a lost answer has acted."""
    s, line, over = connect(port), Line(bus), Line(rtu_port)
    with Fault(sim, "L2:100", 3) as name:
        lost = [ask_tcp(s, 0.2), line.ask(3, READ_WATTS, 0.3), over.ask(3, READ_WATTS, 0.2)]
        check(f"{name}_all", lost == [b""] * 3, str(lost))
        ask_tcp(s, 0.2, bytes([6, 40157 >> 8, 40157 & 255, 0, 77]))
        check(f"{name}_no_request", sim.value("pv1.limit_timeout_s") != 77, "it acted")
    with Fault(sim, "loss:40", 3) as name:
        acted = answered = 0
        for i in range(40):
            want = 100 + i
            answered += bool(ask_tcp(s, 0.08, bytes([6, 40157 >> 8, 40157 & 255, 0, want])))
            acted += sim.value("pv1.limit_timeout_s") == want
        check(f"{name}_each_way", answered < acted < 40 and answered > 3,
              f"{acted} acted, {answered} answered")
    check("link.L2_over", bool(receive_last(s)) and bool(line.ask(3, READ_WATTS)), "silent")
    with Fault(sim, "L10", 3) as name:
        lost = [ask_tcp(s, 0.2), line.ask(3, READ_WATTS, 0.3), over.ask(3, READ_WATTS, 0.2)]
        check(f"{name}_dead", lost == [b""] * 3, str(lost))
        check(f"{name}_all_devices", line.ask(5, READ_BATTERY, 0.3) == b"", "another unit answers")
    check("link.L10_over", all((ask_tcp(s), line.ask(5, READ_BATTERY))), "silent")
    for end in (s, line, over):
        end.close()


def check_sockets(sim, port):
    s = connect(port)
    with Fault(sim, "L3", 2) as name:
        check(f"{name}_resets", ask_tcp(s) is None, "still open")
    s = connect(port)
    check("link.L4_before", bool(ask_tcp(s)), "no answer")  # and so it has been accepted
    with Fault(sim, "L4", 2) as name:
        check(f"{name}_old_dead", ask_tcp(s, 0.3) == b"", "answered or closed")
        fresh = connect(port)
        check(f"{name}_new_works", bool(ask_tcp(fresh)), "no answer")
        check(f"{name}_old_stays_dead", ask_tcp(s, 0.3) == b"", "answered or closed")
        fresh.close()
    check("link.L4_over", bool(ask_tcp(s)), "no answer")
    with Fault(sim, "L5", 2) as name:
        fresh = connect(port)
        check(f"{name}_silent", ask_tcp(fresh, 0.3) == b"" and ask_tcp(s, 0.3) == b"", "answered or closed")
        fresh.close()
    check("link.L5_over", bool(ask_tcp(s)), "no answer")
    second = connect(port)
    check("link.L6_before", bool(ask_tcp(second)), "no answer")
    with Fault(sim, "L6", 2) as name:
        check(f"{name}_newest_goes", ask_tcp(second) is None and bool(ask_tcp(s)), "not one of two")
        third = connect(port)
        check(f"{name}_next_goes", ask_tcp(third) is None, "answered")
    check("link.L6_over", bool(ask_tcp(connect(port))), "no answer")
    with Fault(sim, "L6:0", 2) as name:
        try:
            refused = connect(port) is None
        except ConnectionRefusedError:
            refused = True
        check(f"{name}_refuses", refused, "connected")
    s = connect(port)
    check("link.L6_back", bool(ask_tcp(s)), "no answer")
    s.close()


def check_rates_of_links(sim, port):
    s, t = connect(port), connect(port)
    with Fault(sim, "L7:500", 2) as name: # 12 + 109 bytes, of which 500 fit into a second
        got, took = timed(lambda: ask_tcp(s, 2, read_pdu(3, 40072, 50)))
        check(f"{name}_slow", got and 0.23 < took < 3, f"after {took:.3f} s")
    with Fault(sim, "L11:100", 2) as name:
        began = time.monotonic()
        for _ in range(2):
            s.sendall(frame(READ_WATTS))
            t.sendall(frame(READ_WATTS))
        got = [receive(x) for x in (s, s, t, t)]
        took = time.monotonic() - began
        check(f"{name}_serialises", all(got) and 0.39 < took < 3, f"four in {took:.3f} s")
    s.close()
    t.close()


def check_framed(sim, rtu_port, bus):
    over, line = Line(rtu_port), Line(bus)
    read = READ_20
    with Fault(sim, "M6", 2) as name:
        for kind, end in (("bus", line), ("rtu_tcp", over)):
            end.send(rtu(3, read))
            heard = end.hear(45, 1.0)
            check(f"{name}_{kind}", len(heard) == 45 and not whole(heard), f"heard {heard.hex()}")
        check(f"{name}_others_well", bool(line.ask(5, READ_BATTERY)), "another unit suffers")
    with Fault(sim, "L8:100", 2) as name:
        silent = spoilt = 0
        for _ in range(20):
            over.send(rtu(3, read))
            heard = over.hear(45, 0.25)
            silent += heard == b""
            spoilt += len(heard) == 45 and not whole(heard)
        check(f"{name}_spoils", silent + spoilt == 20 and min(silent, spoilt) > 2,
              f"{silent} silent, {spoilt} spoilt of 20")
    with Fault(sim, "L9:19200", 1) as name:
        check(f"{name}_silent", line.ask(3, read, 0.4) == b"", "answered")
        line.set_speed(termios.B19200)
        got = [line.ask(3, read), line.ask(5, READ_BATTERY)]
        check(f"{name}_at_its_speed", all(got), str(got))
        line.set_speed(termios.B9600)
    check("link.framed_over", all((line.ask(3, read), over.ask(3, read))), "no answer")
    line.close()
    over.close()


def check_durations(sim, port):
    """`for S` ends it, one fault can be cleared alone."""
    s = connect(port)
    check("link.for_begins", sim.ask("inject pv1 L10 for 1") == "ok 3", "not on three links")
    check("link.for_lasts", ask_tcp(s, 0.3) == b"", "answered")
    time.sleep(1)
    check("link.for_ends", bool(ask_tcp(s)) and "3" not in sim.ask("clear pv1 L10"), "still on")
    sim.ask("inject pv1 L6:0 for 0.5")
    time.sleep(0.8)
    s = connect(port)
    check("link.for_listens_again", bool(ask_tcp(s)), "no answer")
    sim.ask("inject pv1 L1:5")
    sim.ask("inject pv1 L5")
    check("link.clears_one", sim.ask("clear pv1 mute") == "ok 2" and bool(ask_tcp(s)), "still mute")
    check("link.clears_rest", sim.ask("clear pv1") == "ok 3", "another count")
    s.close()


def check_refusals(sim):
    for name, text, says in (("no_such", "pv1 L12", "error"),
                             ("no_argument", "pv1 L1", "L1 latency:MS"),
                             ("range", "pv1 L2:101", "L2 loss:PERCENT"),
                             ("not_on_tcp", "pcc L8:50", "error 0 affected: no link")):
        got = sim.ask(f"inject {text}")
        check(f"link.refuses_{name}", got.startswith("error") and says in got, got)
    check("link.injects", sim.ask("inject pv1 L10") == "ok 3", "another count")
    check("link.refuses_twice", "already" in sim.ask("inject pv1 bus_short"), "took it twice")
    got = sim.ask("inject all L11:20")
    check("link.injects_all", got == "ok 7", f"{got}; six ports and RTU over TCP")
    got = sim.ask("clear all")
    check("link.clears_all", got == "ok 10", got)


def main():
    socket.setdefaulttimeout(5)
    bus, port = os.path.join(os.environ.get("TMPDIR", "/tmp"), "bus"), any_port()
    sim = Sim("small.yaml", "--start", "2025-07-14T12:00:00+08:00", "--quiet", "--rtu",
              f"{bus}=pv1:3,bess1:5", "--rtu-tcp", f"{port}=pv1:3,bess1:5")
    try:
        pv = sim.port[15521]
        check_latency(sim, pv, port, bus)
        check_losses(sim, pv, port, bus)
        check_sockets(sim, pv)
        check_rates_of_links(sim, pv)
        check_framed(sim, port, bus)
        check_durations(sim, pv)
        check_refusals(sim)
    finally:
        sim.stop()
    return check.done()


if __name__ == "__main__":
    sys.exit(main())
