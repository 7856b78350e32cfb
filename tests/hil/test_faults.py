#!/usr/bin/env python3
"""Every fault of the simulator's table, injected and cleared once over the control socket in lock-step:
what it does is looked at through Modbus or in the plant's truth. A row's question must be answered no
before, yes while the fault is on, and no again once it is cleared. Standard library only."""

import itertools
import socket
import struct
import sys
import time

sys.dont_write_bytecode = True
import simlib  # noqa: E402
from simlib import Partner, Sim, connect, frame, read_pdu  # noqa: E402

check = simlib.Checks()
TYPES = {"i16": ">h", "u16": ">H", "f32": ">f", "u32": ">I"}
# how the registers of the profiles in use hold a value: type and what one digit is
HELD = {"pcc.kw": ("f32", 1e-4), "pcc.import_kwh": ("f32", 1), "works.kw": ("f32", 1e-3),
        "pv1.kw": ("i16", 0.1), "bess1.soc_pu": ("u16", 1e-4), "bess1.set_kw": ("i16", 0.1),
        "k7.degc": ("i16", 0.1)}
LIMIT, TIMEOUT, LIMIT_ON, SET_KW = 40155, 40157, 40159, 135  # pv1 and bess1 of the small park


class Park:
    """A simulator in lock-step, its Modbus devices, and the powers before a fault."""

    def __init__(self, park):
        self.sim = Sim(park, "--speed", "lockstep", "--start", "2025-07-14T10:30:00+08:00", "--quiet")
        self.time = Partner(self.sim.control_path)
        self.now = 0
        self.base = {}
        self.steps = itertools.cycle([60, -60])
        self.at = {}
        for (point, *where), (_, words) in self.sim.dump().items():
            self.at.setdefault(point, (*where, len(words)))

    def run(self, seconds):
        self.now += seconds
        assert self.time.until(self.now), "time did not go on"

    def ask(self, line):
        return self.sim.ask(line)

    def true(self, point):
        """The plant's truth."""
        return self.sim.value(point)

    def put(self, *settings):
        """As an operator at the device would."""
        for line in settings:
            answer = self.ask(f"set {line}")
            assert answer.startswith("ok"), f"{line}: {answer}"

    def talk(self, point, pdu, run=0, tid=258, wait=5.0):
        """Bytes that come back, at least one whole answer or until `wait` is over; the rest that is there."""
        port, unit = self.at[point][:2]
        with connect(port) as s:
            s.sendall(frame(pdu, tid=tid, unit=unit))
            if run:
                time.sleep(0.1)  # the request is in before time goes on
                self.run(run)
            s.settimeout(wait)
            data = b""
            try:
                while not whole(data):
                    got = s.recv(4096)
                    if not got:
                        return data or None
                    data += got
                s.settimeout(0.1)
                data += s.recv(4096)
            except socket.timeout:
                pass
            except ConnectionError:
                return None
            return data

    def read(self, point, **how):
        _, _, fc, addr, count = self.at[point]
        return self.talk(point, read_pdu(fc, addr, count), **how)

    def words(self, point):
        data = self.read(point)
        return [int.from_bytes(data[i:i + 2], "big") for i in range(9, len(data), 2)]

    def seen(self, point):
        """What the registers say, in engineering units."""
        kind, digit = HELD[point]
        raw = b"".join(w.to_bytes(2, "big") for w in self.words(point))
        return struct.unpack(TYPES[kind], raw)[0] * digit

    def word(self, point, addr):
        """One register near a point."""
        fc = self.at[point][2]
        return int.from_bytes(self.talk(point, read_pdu(fc, addr, 1))[9:11], "big")

    def write(self, point, addr, value):
        """Function code and the byte behind it of the answer to a write of one register."""
        data = self.talk(point, struct.pack(">BHH", 6, addr, value & 0xFFFF))
        return data[7], data[8]

    def moved(self, point):
        """Value over the one before the fault."""
        return self.true(point) / self.base[point]


def whole(data):
    return len(data) >= 6 and len(data) >= 6 + struct.unpack(">H", data[4:6])[0] and len(data) < 600


def limit_pv(p, hundredths=5000, timeout=60):
    """A limit over the wire, which starts the watchdog."""
    p.write("pv1.kw", TIMEOUT, timeout)
    p.write("pv1.kw", LIMIT, hundredths)
    p.write("pv1.kw", LIMIT_ON, 1)
    p.run(1)


def discharge(p, kw=100, seconds=1):
    """The battery's watchdog wants it every 15 s."""
    p.put(f"bess1.set_kw {kw}", "bess1.run 1")
    p.run(seconds)


def soc_falls(p):
    """Of 100 kW in ten seconds."""
    discharge(p, seconds=10)
    from_pu = p.true("bess1.soc_pu")
    discharge(p, seconds=10)
    return from_pu - p.true("bess1.soc_pu") > 0.001


def reverts_after(p, seconds, timeout):
    limit_pv(p, timeout=timeout)
    p.run(seconds)
    return p.true("pv1.limit_pu") == 1


def sleeps(p):
    limit_pv(p, 0)
    p.run(3)
    limit_pv(p, 10000)
    p.run(90)
    return p.true("pv1.kw") == 0


def switch_ignored(p):
    discharge(p, seconds=12)
    p.put("bess1.run 0")
    p.run(2)
    return p.true("bess1.run") == 0 and p.true("bess1.kw") > 50


def setpoint_ignored(p):
    kw = next(p.steps)
    p.put(f"bess1.set_kw {kw}")
    p.run(2)
    return p.true("bess1.set_kw") == kw and abs(p.true("bess1.kw") - kw) > 50


def write_lost(p):
    kw = next(p.steps)
    return p.write("bess1.set_kw", SET_KW, 10 * kw)[0] == 6 and p.seen("bess1.set_kw") != kw


def torn(p):
    """A load that jumps changes the first word of the meter's power."""
    worst = 0
    for kw in (200, -100, 200, -100, 0):
        p.read("pcc.kw")
        p.ask(f"inject load_step works {kw}")
        p.run(2)
        worst = max(worst, abs(p.seen("pcc.kw") - p.true("pcc.kw")))
    return worst > 1


def third_write_refused(p):
    return [p.write("pv_a.limit_pu", 5007, v) for v in (900, 950, 1000)][-1] == (0x86, 4)


def frozen(p):
    first = p.words("works.kw")
    p.run(5)
    return p.words("works.kw") == first


def busy(p):
    return any(p.read("pcc.kw")[7:9] == b"\x83\x06" for _ in range(20))


def in_pieces(p):
    return len(p.read("pcc.kw", wait=0.3)) < 13 and len(p.read("pcc.kw", run=2)) == 13


def not_before(p):
    """Nothing while time stands; all once it has gone on."""
    return p.read("pcc.kw", wait=0.3) == b"" and len(p.read("pcc.kw", run=3)) == 13


def refused(p):
    try:
        return p.read("pcc.kw") is None
    except ConnectionRefusedError:
        return True


def fires(kiln):
    return lambda p: p.true(f"{kiln}.state") or p.put(f"{kiln}.program 2", f"{kiln}.run 1") or p.run(600)


def power_missing(p):
    """Power short of what the controller's output should give."""
    return -p.true("k7.kw") < 0.8 * p.true("k7.out_pu") * p.base["k7.rated"]


def rated(p):
    fires("k7")(p)
    p.base["k7.rated"] = -p.true("k7.kw") / p.true("k7.out_pu")


def heat(p):
    """A heat pump at work, whose watchdog is out of the way."""
    p.ask("inject hp1 D2")
    p.put("hp1.limit_kw 60", "hp1.run 1")
    p.run(300)


def state_is(point, state):
    return lambda p: p.true(point) == state


# fault with arguments, device, seconds until it is seen, what is asked, what is done before
SMALL = [
    ("P1:0.5", "pv1", 15, lambda p: p.moved("pv1.kw") < 0.75, None),
    ("P2:0.9", "pv1", 15, lambda p: p.moved("pv1.kw") < 0.5, None),
    ("inverter_trip", "pv1", 2, lambda p: p.words("pv1.state") == [7], None),
    ("P4:0.2", "pv1", 15, lambda p: p.seen("pv1.kw") < 80.5,
     lambda p: p.run(90)),
    ("P5", "bess1", 2, lambda p: p.true("bess1.kw") < 1 and p.true("bess1.degc") > 55,
     lambda p: discharge(p, seconds=12)),
    ("P6", "bess1", 2, state_is("bess1.state", 5), None),
    ("P7:-0.2", "bess1", 1, lambda p: p.true("bess1.soc_pu") - p.seen("bess1.soc_pu") > 0.15, None),
    ("P8:0.6", "bess1", 1, soc_falls, lambda p: discharge(p, seconds=12)),
    ("P9", "hp1", 2, state_is("hp1.state", 5), None),
    ("P10", "hp1", 300, lambda p: p.true("hp1.heat_kw") < 20 and p.true("hp1.kw") < -20, heat),
    ("P17:90", "works", 2, lambda p: p.true("works.kw") < p.base["works.kw"] - 60, None),
    ("P19", "pcc", 2, lambda p: p.seen("pcc.kw") == 0 and p.true("pcc.v") == 0, None),
    ("P20:49.2,0.8", "pcc", 4, lambda p: p.true("pcc.hz") < 49.5 and p.true("pv1.state") == 5, None),
    ("P21", "bess1", 1, switch_ignored, lambda p: discharge(p, seconds=12)),
    ("P22", "bess1", 1, setpoint_ignored, lambda p: discharge(p, 60, 12)),
    ("D1:5", "pv1", 0, lambda p: reverts_after(p, 8, 60), None),
    ("D2", "pv1", 0, lambda p: not reverts_after(p, 15, 10), None),
    ("D3:30", "bess1", 1, lambda p: p.seen("bess1.soc_pu") == 0, None),
    ("D4", "bess1", 0, lambda p: p.write("bess1.set_kw", SET_KW, 100) == (0x86, 4), None),
    ("D5:0.1", "bess1", 0, lambda p: p.write("bess1.set_kw", SET_KW, 1000)[0] == 6 and
     p.seen("bess1.set_kw") == 20, None),
    ("D6", "bess1", 0, write_lost, None),
    ("D8", "works", 0, frozen, None),
    ("D9", "pv1", 0, lambda p: p.word("pv1.kw", 40085) == 3, None),
    ("D10", "pcc", 0, lambda p: p.seen("pcc.kw") / p.true("pcc.kw") > 9, None),
    ("D11", "pv1", 0, lambda p: p.words("pv1.kw") == [0x8000], None),
    ("D12", "pcc", 0, lambda p: p.seen("pcc.import_kwh") < 0.5 * p.true("pcc.import_kwh"), None),
    ("D13:3600", "pv1", 1, lambda p: p.true("pv1.limit_pu") == 1,
     lambda p: limit_pv(p, timeout=3000)),
    ("D14", "pcc", 0, lambda p: p.seen("pcc.kw") * p.true("pcc.kw") < 0, None),
    ("D15", "pcc", 0, busy, None),
    ("D16", "pv1", 0, sleeps, None),
    ("M1:3,40155", "pv1", 0, lambda p: len(p.words("pv1.kw")) == 1 and
     p.talk("pv1.kw", read_pdu(3, LIMIT, 1))[7:9] == b"\x83\x03", None),
    ("M2", "pcc", 0, lambda p: p.read("pcc.kw")[:2] == b"\x01\x03", None),
    ("M3", "pcc", 0, lambda p: p.read("pcc.kw")[6] == 2, None),
    ("M4", "pcc", 0, lambda p: p.read("pcc.kw")[7] == 4, None),
    ("M5:-2", "pcc", 0, lambda p: p.read("pcc.kw")[8] == 2, None),
    ("M7:5", "pcc", 0, lambda p: p.read("pcc.kw", wait=0.5)[5:7] == b"\x01\x02", None),
    ("M8:4,300", "pcc", 0, in_pieces, None),
    ("M9", "pcc", 0, lambda p: len(p.read("pcc.kw")) == 26, None),
    ("M10:2000", "pcc", 0, not_before, None),
    ("M11", "pcc", 0, torn, None),
    ("silent", "pcc", 0, lambda p: p.read("pcc.kw", wait=0.3) == b"", None),
    ("drip", "pcc", 0, lambda p: len(p.read("pcc.kw", wait=0.3)) == 1, None),
    ("refuse", "pcc", 0, refused, None),
    ("reset", "pcc", 0, lambda p: p.read("pcc.kw") is None, None),
]
CERAMICS = [
    ("P11", "k7", 60, power_missing, rated),
    ("P12", "k7", 2, lambda p: p.seen("k7.degc") > 3000 and p.true("k7.kw") == 0, fires("k7")),
    ("P13", "k7", 2, state_is("k7.state", 3), fires("k7")),
    ("P14", "chp", 3, state_is("chp.state", 5), lambda p: p.put("chp.run 1") or p.run(2)),
    ("P15", "gas_boiler", 2, state_is("gas_boiler.state", 5), None),
    ("P16", "wt1", 60, lambda p: p.true("wt1.wind_m_per_s") > 25 and p.true("wt1.kw") < 1, None),
    ("P18", "t1", 1, lambda p: p.true("t1.oil_degc") > p.base["t1.oil_degc"] + 40, None),
    ("D7:2", "pv_a", 0, third_write_refused, None),
]


def play(p, fault, device, after, asked, before):
    name = fault.partition(":")[0]
    if before:
        before(p)
    p.base.update({point: p.true(point) for point in p.at if point.startswith(device + ".")})
    no = asked(p)
    if before:
        before(p)
    answer = p.ask(f"inject {device} {fault}")
    twice = p.ask(f"inject {device} {fault}")
    p.run(after)
    yes = asked(p)
    cleared = p.ask(f"clear {device} {name}")
    p.run(max(3, after))
    if before:
        before(p)
    again = asked(p)
    check(f"faults.{name}_on_{device}",
          not no and yes and not again and answer.startswith("ok ") and int(answer[3:]) > 0 and
          twice.startswith("error 0 affected") and cleared == "ok 1",
          f"seen before {no}, while {yes}, after {again}; {answer}; {twice}; {cleared}")


def play_all(park, rows, warm_s):
    p = Park(park)
    try:
        p.run(warm_s)
        for row in rows:
            try:
                play(p, *row)
            except (AssertionError, OSError, TypeError, IndexError) as e:
                check(f"faults.{row[0]}_on_{row[1]}", False, f"{type(e).__name__}: {e}")
        listed = p.ask("faults")
        names = [p.sim.stream.readline().split("|")[0].split() for _ in range(int(listed[3:]))]
        check(f"faults.ends_{park}", p.sim.stop() == 0, "exit status")
        return [{w.partition(":")[0].partition("[")[0] for w in words} for words in names]
    finally:
        if p.sim.process.poll() is None:
            p.sim.process.kill()


def play_at_random():
    """A campaign by the control socket: what begins is counted and clears itself; bad words are told."""
    p = Park("small.yaml")
    try:
        for line, told in (("campaign 0", "0 to 3600"), ("campaign 10 1 nonsense", "nonsense"),
                           ("campaign ten", "ten"), ("campaign 10 -1", "seed")):
            answer = p.ask(line)
            check(f"faults.{line.replace(' ', '_')}", answer.startswith("error") and told in answer, answer)
        started = p.ask("campaign 720 3 silent late:700")
        p.run(300)
        begun = [int(word) for word in p.ask("campaign off").split()[1:]]
        check("faults.campaign", started == "ok 0 0" and 40 <= begun[0] <= 80, f"{started} {begun}")
        p.run(301)
        on = [p.ask(f"faults {device}") for device in ("pv1", "bess1", "pcc", "tank")]
        check("faults.campaign_over", set(on) == {"ok 0"}, f"{on}")
        check("faults.campaign_ends", p.sim.stop() == 0, "exit status")
    finally:
        if p.sim.process.poll() is None:
            p.sim.process.kill()


def main():
    play_at_random()
    listed = play_all("small.yaml", SMALL, 150)
    play_all("ceramics.yaml", CERAMICS, 30)
    played = {row[0].partition(":")[0] for row in SMALL + CERAMICS}
    missing = [names for names in listed if not names & played]
    check("faults.all_played", len(listed) >= 52 and not missing, f"{missing}")
    return check.done()


if __name__ == "__main__":
    sys.exit(main())
