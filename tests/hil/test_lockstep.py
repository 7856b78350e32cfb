#!/usr/bin/env python3
"""Lock-step: the same run twice, and on one processor, is the same to the bit, with faults injected
at exact times; another seed is another run; a role that dies holds time up; who is stuck is named."""

import os
import pathlib
import shutil
import signal
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import lock_run  # noqa: E402
from park_run import ParkRun, Sim, simlib, wait_until  # noqa: E402

check = simlib.Checks()
START = "2025-07-14T11:58:00+08:00"
# what is done to the plant, and when: on the wire, at the device, and in the sky
ACTS = ((20, "inject works silent"), (24, "inject pv1 late:250"), (31, "inject tank drip"),
        (36, "inject hp1 late:700"), (40, "clear works"), (50, "inject bess1 reset"),
        (55, "clear bess1"), (60, "inject load_step works 90"), (70, "inject pcc silent"),
        (75, "clear all"), (90, "inject cloud 0.7 20"), (110, "inject trip bess1 15"))
END_S = 150


def play(seed, policy, one_core=False):
    """One run with all acts; (digest of the recording, what the referee says, good)."""
    return lock_run.run(lock_run.Play(park="small.yaml", start=START, end_s=END_S, seed=seed,
                                      policy=policy, acts=ACTS, one_core=one_core))


def check_same():
    for policy in ("rule", "plan"):
        first, judged, good = play("1", policy)
        check(f"lockstep.runs_{policy}", good and first.startswith("ok "), first)
        again, judged_again, good = play("1", policy)
        check(f"lockstep.same_{policy}", good and first == again and judged == judged_again,
              f"{first} {again}")
        if policy == "rule":
            other, _, good = play("2", policy)
            check("lockstep.other_seed", good and other != first, other)
        one, _, good = play("1", policy, one_core=True)
        check(f"lockstep.one_core_{policy}", good and one == first, f"{first} {one}")


def check_kill():
    """Time stands while a role is restarted, and then goes on."""
    with ParkRun("small.yaml", "--speed", "lockstep", "--start", START, policy="rule") as run:
        for role in ("field", "park", "store"):
            before = run.truth()["elapsed_s"]
            os.kill(run.roles()[role], signal.SIGKILL)
            back = wait_until(lambda: run.truth()["elapsed_s"] > before + 20, 20)
            check(f"lockstep.goes_on_after_{role}", back and run.controller.poll() is None,
                  f"{before} {run.truth()['elapsed_s']}")
        check("lockstep.ends", run.stop_controller() == 0, "status")


def check_stopped_role():
    """A role that does not answer ends the run, and is named with the time."""
    with ParkRun("small.yaml", "--speed", "lockstep", "--start", START, policy="rule") as run:
        os.kill(run.roles()["store"], signal.SIGSTOP)
        status = run.controller.wait(40)
        said = run.log()
        check("lockstep.stuck_role", status == 3 and "lockstep_stuck" in said
              and "store has not finished" in said, f"status {status}: {said[-800:]}")
        sim_status = run.process.wait(10)
        out = run.process.stdout.read()
        check("lockstep.stuck_sim", sim_status == 3 and "stuck at" in out and "store" in out, out)


def check_silent_partner():
    """A session that has joined and says nothing is named by the simulator."""
    sim = Sim("small.yaml", "--speed", "lockstep", "--start", START, "--quiet")
    partner = simlib.Partner(sim.control_path, "sleepy")
    check("lockstep.grid", partner.until(0.5), "0.5 s were not granted")
    status = sim.process.wait(30)
    out = sim.process.stdout.read()
    check("lockstep.stuck_partner", status == 3 and "waits for sleepy" in out
          and "0.500000 s" in out, f"{status} {out}")
    partner.close()
    shutil.rmtree(sim.dir, ignore_errors=True)


def main():
    check_same()
    check_kill()
    check_stopped_role()
    check_silent_partner()
    return check.done()


if __name__ == "__main__":
    sys.exit(main())
