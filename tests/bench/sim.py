#!/usr/bin/env python3
"""How fast the simulator is: a study of a park by the rules, one second a step, and the controller in
lock-step with it over real Modbus TCP, every device polled each second. Prints times real time
and processor milliseconds per simulated second of each side.

    tests/bench/sim.py [--park etc/parks/ceramics.yaml] [--days 1] [--minutes 10]"""

import argparse
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "hil"))
import simlib  # noqa: E402

START = "2025-07-14T10:00:00+08:00"


def study(park, days):
    out = subprocess.run([simlib.BINARY, "study", park, "--days", str(days), "--json"], check=True,
                         capture_output=True, text=True)
    run, = json.loads(out.stdout)["runs"]
    print(f"study, rules, 1 s a step, {days:g} days: {run['times_real_time']:.0f} x real time, "
          f"{run['seconds'] / run['cpu_s']:.0f} x by processor time "
          f"({1e6 * run['cpu_s'] / run['seconds']:.1f} us a step), hash {run['hash']}")


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
    parser.add_argument("--days", type=float, default=1)
    parser.add_argument("--minutes", type=float, default=10)
    ask = parser.parse_args()
    print(f"{pathlib.Path(ask.park).name}, {len(os.sched_getaffinity(0))} processors, load "
          f"{os.getloadavg()[0]:.1f}")
    lockstep(ask.park, ask.minutes)
    study(ask.park, ask.days)


if __name__ == "__main__":
    main()
