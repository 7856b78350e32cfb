#!/usr/bin/env python3
"""A day re-planned every five minutes with a forecast that changes; `make bench-rolling`.

    tests/bench/rolling.py [--date 2025-04-14] [--plans 288] [--seconds 10 | --work 20000 [--twice]]
                           [--gap 0.002] [--seed 1]

Asks the ceramics park for 48 h, then lets build/tests/bench/rolling (rolling.c) plan 24 h ahead
from each five minutes, the last plan in hand. Prints the seconds of a plan by the clock and by the
processor (median, 99th percentile, worst), the gaps, what following the last plan would cost, the
solvers' peak memory, and how often plans change their minds: firings that the next plan moves,
units that it switches otherwise within the hour. A plan that moves a firing is sought once more
with all firings where they were, which should not be cheaper. A budget of work instead of seconds
makes the run repeatable; --twice shows it."""

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


def print_day(plans, budget):
    first, rest = plans[0], plans[1:] or plans
    gaps = [float(p["gap"]) for p in rest]
    print(f"plans {len(plans)}; the first, without a plan before it, {first['seconds']} s")
    for what in ("seconds", "cpu"):
        took = [float(p[what]) for p in rest]
        print(f"{what} p50 {statistics.median(took):.3f} p90 {percentile(took, 0.9):.3f} p99 "
              f"{percentile(took, 0.99):.3f} worst {max(took):.3f} (budget {budget})")
    print(f"gap p50 {100 * statistics.median(gaps):.3f} % p99 {100 * percentile(gaps, 0.99):.3f} %")
    dearer = [float(p["followed"]) / float(p["yuan"]) - 1 for p in rest]
    print(f"the last plan followed as it stands costs {100 * statistics.median(dearer):.2f} % more "
          f"(median), p99 {100 * percentile(dearer, 0.99):.2f} %")
    for what, text in (("moved", "firings moved"), ("switched", "units switched within the hour")):
        counts = [int(p[what]) for p in rest]
        print(f"{text} {sum(counts)}, in {sum(c > 0 for c in counts)} plans")
    flips = [(p["plan"], float(p["kept"]) - float(p["yuan"])) for p in rest if int(p["moved"]) > 0]
    vain = [f"plan {n} {-gain:.2f} yuan" for n, gain in flips if gain < 0]
    print(f"plans that moved firings {len(flips)}, worth after the price of change "
          f"{sum(gain for _, gain in flips):.2f} yuan in all; where none moved was cheaper "
          f"{len(vain)} {'; '.join(vain[:10])}")
    print("origin " + ", ".join(f"{o} {sum(p['origin'] == o for p in plans)}"
                                for o in ("milp", "shifted", "rule")) +
          f"; solvers lost {sum(int(p['lost']) for p in plans)}; peak memory {plans[-1]['mib']} MiB")


def run(command, verbose):
    """The day's plans, in order; ends the script when the driver fails."""
    plans = []
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True) as child:
        for line in child.stdout:
            words = line.split()
            plans.append(dict(zip(words[::2], words[1::2])))
            if verbose:
                print(line, end="", flush=True)
    if child.returncode != 0 or not plans:
        sys.exit(1)
    return plans


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--date", default="2025-04-14")
    parser.add_argument("--plans", type=int, default=288)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--work", type=float, default=0, help="instead of seconds")
    parser.add_argument("--twice", action="store_true", help="with --work: compares two runs")
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
        seconds = 0 if ask.work > 0 else ask.seconds
        command = [DRIVER, path, ask.plans, seconds, ask.work, ask.gap, ask.seed]
        plans = run(command, ask.verbose)
        again = run(command, False) if ask.twice else plans
    print_day(plans, f"{ask.work:g} work" if ask.work > 0 else f"{seconds:g} s")
    if ask.twice:
        same = sum(p["digest"] == q["digest"] for p, q in zip(plans, again))
        print(f"the same run twice: {same} of {len(plans)} plans the same")


if __name__ == "__main__":
    main()
