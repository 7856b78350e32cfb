#!/usr/bin/env python3
"""A simulated park, saved over its control socket and gone on from in another process: what a Modbus client
reads and writes from there on, and what the plants do, is the same to the bit (SHA-256 of the recording);
without the snapshot it is another run. Time goes in lock-step. Standard library only."""

import os
import pathlib
import struct
import sys

sys.dont_write_bytecode = True
import simlib  # noqa: E402
from simlib import Partner, Sim, connect, frame, read_pdu, receive  # noqa: E402

check = simlib.Checks()
START = "2025-07-14T10:00:00+08:00"
SAVED_S, END_S = 120, 300
SET_KW, RUN_ON = 135, 650  # of bess1's converter, unit 1
# before the snapshot: what it must carry on
BEFORE = ((5, "inject cloud 0.6 300"), (10, "inject bess1 D8"), (20, "inject load_step works 60"),
          (60, "inject pv1 inverter_derated:0.3 for 120"), (80, "campaign 360 7"))
AFTER = ((150, "clear bess1 D8"), (200, "clear works"), (240, "campaign off"))


class Run:
    """A simulator in lock-step with a client that holds its connections."""

    def __init__(self, seed="1"):
        self.sim = Sim("small.yaml", "--speed", "lockstep", "--start", START, "--seed", seed, "--quiet")
        self.time = Partner(self.sim.control_path)
        self.text = pathlib.Path(self.sim.park_file).read_text()
        self.link = {port: connect(self.sim.port[port]) for port in (15520, 15521, 15522)}

    def talk(self, port, pdu):
        self.link[port].sendall(frame(pdu))
        answer = receive(self.link[port])
        assert answer, f"no answer on {port}"
        return answer[2]

    def play(self, first_s, end_s, acts):
        """Reads every five seconds, commands the battery every ten, does what is to be done."""
        acts = dict(acts)
        good = True
        for t in range(first_s, end_s + 1):
            good = good and (t == first_s or self.time.until(t))
            if t in acts and t > first_s:
                answer = self.sim.ask(acts[t])
                good = good and answer.startswith("ok") or bool(print(f"{acts[t]}: {answer}"))
            if t % 5 == 0 and t > first_s:
                self.talk(15520, read_pdu(3, 0x2012, 2))
                self.talk(15521, read_pdu(3, 40070, 52))
                self.talk(15522, read_pdu(3, 122, 2))
            if t % 10 == 0 and t > first_s:
                self.talk(15522, struct.pack(">BHH", 6, RUN_ON, 1))
                self.talk(15522, struct.pack(">BHH", 6, SET_KW, 10 * (t % 70)))
        return good

    def told(self):
        """What it is told by: digest of the recording since, truth without counts of the wire, referee."""
        truth = self.sim.ask("status").partition(" connections")[0]
        return self.sim.ask("record"), truth, self.sim.ask("judge")

    def end(self):
        for s in self.link.values():
            s.close()
        self.time.close()
        status = self.sim.stop()
        self.sim.keep.cleanup()
        return status


def first_run(path):
    """Saves on its way; (what it is told by at its end, park file)."""
    run = Run()
    good = run.play(0, SAVED_S, BEFORE)
    before = run.told()[0]
    saved = run.sim.ask(f"snapshot {path}")
    check("snapshot.saves", saved == f"ok elapsed_s={SAVED_S:.6f}", saved)
    check("snapshot.recording_begins_anew", run.told()[0] != before, before)
    good = good and run.play(SAVED_S, END_S, AFTER)
    told = run.told()
    check("snapshot.goes_on", good and told[0].startswith("ok ") and run.end() == 0, told[0])
    return told, run.text


def second_run(path, text):
    run = Run()
    check("snapshot.same_park_file", run.text == text, "other ports were free")
    said = run.sim.ask(f"restore {path}")
    check("snapshot.restores", said == f"ok elapsed_s={SAVED_S:.6f}", said)
    on = run.sim.ask("faults bess1")
    check("snapshot.carries_faults", on == "ok 1", on)
    run.sim.stream.readline()
    good = run.play(SAVED_S, END_S, AFTER)
    again = run.sim.ask(f"restore {path}")
    check("snapshot.not_backwards", again.startswith("error"), again)
    told = run.told()
    check("snapshot.second_ends", good and run.end() == 0, "status")
    return told


def without(path):
    """The same acts on a run that was not saved, and what may not be restored."""
    run = Run("2")
    other = run.sim.ask(f"restore {path}")
    check("snapshot.refuses_other_seed", other.startswith("error") and "seed" in other, other)
    run.end()
    run = Run()
    damaged = pathlib.Path(path).read_bytes()
    pathlib.Path(path + "d").write_bytes(damaged[:4000] + bytes([damaged[4000] ^ 1]) + damaged[4001:])
    said = run.sim.ask(f"restore {path}d")
    check("snapshot.refuses_damage", said.startswith("error"), said)
    missing = run.sim.ask("restore /no/such/file")
    check("snapshot.refuses_missing", missing.startswith("error"), missing)
    run.time.until(SAVED_S)
    good = run.play(SAVED_S, END_S, ())
    told = run.told()
    check("snapshot.other_run", good and run.end() == 0, told[0])
    return told


def main():
    path = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"park-{os.getpid()}.snap")
    first, text = first_run(path)
    second = second_run(path, text)
    for name, a, b in zip(("recording", "truth", "referee"), first, second):
        check(f"snapshot.same_{name}", a == b, f"{a[:300]} / {b[:300]}")
    check("snapshot.matters", without(path)[0] != first[0], first[0])
    for each in (path, path + "d"):
        os.remove(each)
    return check.done()


if __name__ == "__main__":
    sys.exit(main())
