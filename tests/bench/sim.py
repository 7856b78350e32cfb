#!/usr/bin/env python3
"""How fast the simulator is: studies by the rules, and lock-step over real Modbus TCP.

A study takes one second a step; it runs alone, and one on each processor at the same time, each with
a seed of its own: then both what all simulated together and what one did is printed. In lock-step
every device is polled each second. Prints times real time and processor time per simulated second.

    tests/bench/sim.py [--park etc/parks/ceramics.yaml] [--days 7] [--times 3] [--minutes 10]

--minutes 0 leaves the lock-step out."""

import argparse
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "hil"))
import simlib  # noqa: E402

START = "2025-07-14T10:00:00+08:00"


def study(park, days, jobs):
    """One command: what it simulated, over its own time from start to end, files and fits included."""
    began = time.monotonic()
    out = subprocess.run([simlib.BINARY, "study", park, "--days", str(days), "--json", "--seed",
                          ",".join(str(1 + n) for n in range(jobs)), "--jobs", str(jobs)],
                         check=True, capture_output=True, text=True)
    wall_s = time.monotonic() - began
    runs = json.loads(out.stdout)["runs"]
    simulated_s = sum(run["seconds"] for run in runs)
    return {"wall": simulated_s / wall_s, "cpu": simulated_s / sum(run["cpu_s"] for run in runs),
            "hash": " ".join(run["hash"] for run in runs)}


def studies(park, days, jobs, times):
    """Several, because one is at the mercy of what else runs; the range is printed, not the best."""
    seen = [study(park, days, jobs) for _ in range(times)]
    wall = sorted(s["wall"] for s in seen)
    cpu = statistics.median(s["cpu"] for s in seen)
    middle = statistics.median(wall)
    what = "one study" if jobs == 1 else f"{jobs} studies at once, together"
    each = "" if jobs == 1 else f"; {middle / jobs:.0f} x each"
    print(f"{what}, rules, 1 s a step, {days:g} days, --jobs {jobs}, {times} times: "
          f"{middle:.0f} x real time ({wall[0]:.0f} to {wall[-1]:.0f}{each}), "
          f"{cpu:.0f} x by the processor time of its steps ({1e6 / cpu:.1f} us a step), hash "
          f"{', '.join(sorted({s['hash'] for s in seen}))}")


def cpu_s(who):
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def lockstep(park, minutes):
    """From the first moment at which every device has been read on; the roles' start not counted."""
    sim = simlib.Sim(pathlib.Path(park).name, "--speed", "lockstep", "--start", START, "--quiet",
                     "--hours", str((minutes + 0.5) / 60))
    log_path = pathlib.Path(sim.dir, "run.log")
    with log_path.open("w") as log:
        run = subprocess.Popen([simlib.BINARY, "run", sim.park_file, "--state", f"{sim.dir}/state",
                                "--policy", "rule", "--sim", sim.control_path],
                               stdout=log, stderr=log)
    began, first = None, None
    while run.poll() is None:
        try:
            words = dict(w.split("=", 1) for w in sim.ask("status").split()[1:])
        except (OSError, ValueError):
            break
        if words and float(words["elapsed_s"]) >= 30 and began is None:
            began, first = time.monotonic(), words
        last, ended = words or last, time.monotonic()
        time.sleep(0.05)
    status = run.wait(20)
    sim.control.close()
    sim.process.wait(20)
    simulated = float(last["elapsed_s"]) - float(first["elapsed_s"])
    requests = int(last["requests"]) - int(first["requests"])
    print(f"lock-step over Modbus TCP, {minutes:g} min: {simulated / (ended - began):.1f} x real "
          f"time, {requests / simulated:.0f} requests per simulated second, both sides and their "
          f"start {1e3 * cpu_s(resource.RUSAGE_CHILDREN) / (minutes * 60):.1f} ms of processor "
          f"each simulated second, status {status}")
    shutil.rmtree(sim.dir, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--park", default="etc/parks/ceramics.yaml", help="a park of etc/parks")
    parser.add_argument("--days", type=float, default=7)
    parser.add_argument("--times", type=int, default=3, help="how often each study is run")
    parser.add_argument("--minutes", type=float, default=10)
    ask = parser.parse_args()
    processors = len(os.sched_getaffinity(0))
    print(f"{pathlib.Path(ask.park).name}, {processors} processors, load {os.getloadavg()[0]:.1f}")
    if ask.minutes > 0:
        lockstep(ask.park, ask.minutes)
    for jobs in sorted({1, processors}):
        studies(ask.park, ask.days, jobs, ask.times)


if __name__ == "__main__":
    main()
