#!/usr/bin/env python3
"""The very large park in real time: the controller by the rules on 544 simulated devices over Modbus TCP.
Prints the polls that were made and missed (a turn that went by unasked, or a request that
failed), processor time and memory of both sides, and the loops' lag beside the machine's own.

    tests/bench/large.py [--park large.yaml] [--minutes 10] [--policy rule]"""

import argparse
import os
import pathlib
import re
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import park_run  # noqa: E402
from park_run import HostLag, ParkRun, wait_until  # noqa: E402

START = "2025-07-14T10:00:00+08:00"
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_s(pid):
    """Of a process and of its children that have ended."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(f) for f in fields[11:15]) / TICKS


def pss_mb(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss: +(\d+) kB", text, re.M).group(1)) / 1024


def polls(run):
    """(good, failed, missed, not trusted) of all devices."""
    links = [d["link"] for d in run.devices().values()]
    total = [sum(link[key] for link in links) for key in ("good", "failed", "missed")]
    return (*total, sum(not link["trusted"] for link in links))


def watch(run, seconds):
    """Worst lag of park's loop in us, looked at each second."""
    worst, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        worst = max(worst, run.status()["loop_lag_us"])
        time.sleep(1)
    return worst


def say(run, ask, before, used):
    """The table; used: {process: processor seconds}."""
    good, failed, missed, away = (b - a for a, b in zip(before, polls(run)))
    turns = good + failed + missed
    print(f"{turns} turns in {ask.minutes:g} min ({turns / ask.minutes / 60:.0f} a second): "
          f"{missed} unasked, {failed} failed, {100 * (missed + failed) / max(turns, 1):.4f} % "
          f"missed; {away} devices lost")
    pids = {"sim": run.process.pid, "supervisor": run.controller.pid, **run.roles()}
    for name, pid in pids.items():
        print(f"  {name:10s} {100 * used[name] / ask.minutes / 60:6.1f} % of a processor, "
              f"{pss_mb(pid):6.1f} MB")
    roles = sum(s for name, s in used.items() if name != "sim")
    memory = sum(pss_mb(pid) for name, pid in pids.items() if name != "sim")
    print(f"  controller {100 * roles / ask.minutes / 60:6.1f} % of a processor, {memory:6.1f} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--park", default="large.yaml", help="a park of etc/parks")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--policy", default="rule", choices=("rule", "plan"))
    ask = parser.parse_args()
    began = time.monotonic()
    with ParkRun(ask.park, "--start", START, policy=ask.policy) as run:
        print(f"{ask.park}, {len(run.devices())} devices, {len(run.port)} addresses, "
              f"{len(os.sched_getaffinity(0))} processors, load {os.getloadavg()[0]:.1f}")
        all_read = wait_until(lambda: polls(run)[3] == 0, 60)
        print(f"all devices read {time.monotonic() - began:.1f} s after the start" if all_read else
              f"{polls(run)[3]} devices not read after a minute")
        host = HostLag()
        pids = {"sim": run.process.pid, "supervisor": run.controller.pid, **run.roles()}
        before, cpu = polls(run), {name: cpu_s(pid) for name, pid in pids.items()}
        worst = watch(run, 60 * ask.minutes)
        used = {name: cpu_s(pid) - cpu[name] for name, pid in pids.items()}
        say(run, ask, before, used)
        print(f"worst lag of park's loop {worst / 1000:.1f} ms, of this machine's naps "
              f"{host.stop_us() / 1000:.1f} ms; {len(park_run.ROLES)} roles, limits: "
              f"{run.judged()['breaches_count']} breaches")


if __name__ == "__main__":
    main()
