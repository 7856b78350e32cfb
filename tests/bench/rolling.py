#!/usr/bin/env python3
"""A day re-planned every five minutes with a forecast that changes; `make bench-rolling`.

    tests/bench/rolling.py [--date 2025-04-14] [--plans 288] [--seconds 10] [--gap 0.002] [--seed 1]

Asks the ceramics park for 48 h, then lets build/tests/bench/rolling (rolling.c) plan 24 h ahead
from each five minutes, the last plan in hand. Prints the seconds of a plan (median, 99th
percentile, worst), the gaps, what following the last plan would cost, and how often plans change
their minds: firings that the next plan moves, units that it switches otherwise within the hour."""

import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import park_series  # noqa: E402

DRIVER = park_series.ROOT / "build/tests/bench/rolling"


def percentile(values, pu):
    values = sorted(values)
    return values[min(int(pu * len(values)), len(values) - 1)]


def print_day(plans, seconds_max):
    first, rest = plans[0], plans[1:] or plans
    seconds = [float(p["seconds"]) for p in rest]
    gaps = [float(p["gap"]) for p in rest]
    print(f"plans {len(plans)}; the first, without a plan before it, {first['seconds']} s")
    print(f"seconds p50 {statistics.median(seconds):.3f} p99 {percentile(seconds, 0.99):.3f} worst "
          f"{max(seconds):.3f} (budget {seconds_max:g})")
    print(f"gap p50 {100 * statistics.median(gaps):.3f} % p99 {100 * percentile(gaps, 0.99):.3f} %")
    dearer = [float(p["followed"]) / float(p["yuan"]) - 1 for p in rest]
    print(f"the last plan followed as it stands costs {100 * statistics.median(dearer):.2f} % more "
          f"(median), p99 {100 * percentile(dearer, 0.99):.2f} %")
    for what, text in (("moved", "firings moved"), ("switched", "units switched within the hour")):
        counts = [int(p[what]) for p in rest]
        print(f"{text} {sum(counts)}, in {sum(c > 0 for c in counts)} plans")
    print("origin " + ", ".join(f"{o} {sum(p['origin'] == o for p in plans)}"
                                for o in ("milp", "shifted", "rule")) +
          f"; solvers lost {sum(int(p['lost']) for p in plans)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--date", default="2025-04-14")
    parser.add_argument("--plans", type=int, default=288)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--gap", type=float, default=0.002)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="a line per plan")
    ask = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        path = pathlib.Path(scratch, "two-days.json")
        done = park_series.plan(park_series.PARK, "--at", ask.date, "--hours", 48, "--policy",
                                "rule", "--export-problem", path)
        if done.returncode != 0:
            sys.exit(done.stderr)
        command = [DRIVER, path, ask.plans, ask.seconds, ask.gap, ask.seed]
        plans = []
        with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True) as child:
            for line in child.stdout:
                words = line.split()
                plans.append(dict(zip(words[::2], words[1::2])))
                if ask.verbose:
                    print(line, end="", flush=True)
    if child.returncode != 0 or not plans:
        sys.exit(1)
    print_day(plans, ask.seconds)


if __name__ == "__main__":
    main()
