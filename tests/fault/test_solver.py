#!/usr/bin/env python3
"""The solver's process under its wall: one that hangs is killed at its deadline, one that is killed
or runs out of time leaves its best plan, and on the reference park it stays small. The plan comes
from `kilnwatt plan`, whose solver runs as that of the plan role does (optimizer/guard.h)."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))
import families  # noqa: E402

BINARY = os.environ.get("KILNWATT", "build/kilnwatt")
PARK = ["etc/parks/ceramics.yaml", "--at", "2025-07-14T00:00:00+08:00"]
SECONDS = 10  # killed after 1.1 x 10 + 0.25
LATE_PU = 1.2
MEMORY_MIB = 64
WAIT_S = 60
failures = 0


def check(name, good, why=""):
    global failures
    failures += not good
    print(f"ok {name}" if good else f"not ok {name}: {why}", flush=True)


def children(pid):
    try:
        return [int(n) for n in
                pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def start(*arguments):
    return subprocess.Popen([BINARY, "plan", *map(str, arguments), "--json"],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def solver_of(run):
    """Waits for the solver's process; its id, or None when it has been and gone."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end and run.poll() is None:
        found = children(run.pid)
        if found:
            return found[0]
        time.sleep(0.002)
    return None


def disturbed(path, how):
    """Sends the solver a signal as soon as it is there; 0: lets it be. Seconds until it is gone, the
    plan that is left, last words."""
    run = start("--problem", path, "--gap", 0, "--seconds", SECONDS)
    solver = solver_of(run)
    began = time.monotonic()
    if solver is not None:
        os.kill(solver, how)
    while solver is not None and solver in children(run.pid):
        time.sleep(0.005)
    took = time.monotonic() - began
    out, said = run.communicate(timeout=WAIT_S)
    return took, json.loads(out) if run.returncode == 0 else None, said


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "hard.json")
        path.write_text(json.dumps(families.make("large", 1)), encoding="utf-8")
        for name, how, least, most, words in (
                ("hangs", signal.SIGSTOP, SECONDS, LATE_PU * SECONDS, "did not end in time"),
                ("killed", signal.SIGKILL, 0, 1, "died"),
                ("never_proven", 0, 0, LATE_PU * SECONDS, "")):
            took, plan, said = disturbed(path, how)
            check(f"{name}.gone_in_time", least <= took <= most, f"{took:.2f} s")
            check(f"{name}.is_said", words in said, said)
            check(f"{name}.a_plan_is_left", plan is not None and plan["objective_yuan"] > 0, said)
    run = start(*PARK, "--work", 20000)
    out = run.stdout.read()
    _, status, used = os.wait4(run.pid, 0)  # the most of any process of its tree
    run.returncode = os.waitstatus_to_exitcode(status)
    mib = used.ru_maxrss / 1024
    print(f"   reference park: {json.loads(out)['seconds']:.2f} s, {mib:.1f} MiB at most")
    check("reference.memory", run.returncode == 0 and mib <= MEMORY_MIB, f"{mib:.1f} MiB")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
