#!/usr/bin/env python3
"""Known answers: every problem in tests/golden/problems is solved by `kilnwatt plan --problem`
within a bound on work, so that every machine gets the same plan, and compared with expected.csv.

Every plan must be proven and break no wish. expected.csv has one row per further check: problem
file, work, what is looked at, the value, how far off the answer may be. Looked at are:
  objective        cost of the plan
  cost TERM ...    sum of these terms of the cost
  sum PATH         sum over the steps of a series of the plan (a path of keys joined by dots)
  max PATH         its largest value
  series PATH      all of its values (`value` lists them)
  words PATH       the same where they are words
`tests/golden/test_problems.py NAME` takes only the problems whose name holds NAME.
"""

import csv
import itertools
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent / "problems"
BINARY = os.environ.get("KILNWATT", "build/kilnwatt")
SOLVE_TIMEOUT_S = 300


class Wrong(Exception):
    """A check that does not hold; the text says why."""


def solve(name, work):
    """The plan as JSON."""
    command = [BINARY, "plan", "--problem", str(HERE / f"{name}.json"), "--gap", "0", "--work", work, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SOLVE_TIMEOUT_S, check=False)
    if done.returncode != 0:
        raise Wrong(f"exit status {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def at_path(plan, path):
    for key in path.split("."):
        plan = plan[key]
    return plan


def compare(got, want, tolerance, what):
    if not abs(got - want) <= tolerance:
        raise Wrong(f"{what} is {got:.7g}, must be {want:.7g} within {tolerance:g}")


def check_always(plan):
    if plan["status"] != "proven":
        raise Wrong(f"not proven: gap {plan['gap_pu']}")
    broken = [b for b in plan["breaches"] if b["kind"] != "contract"]  # a price, where a peak has one
    if broken:
        raise Wrong(f"breaks a wish: {broken[0]}")


def check_objective(plan, _, want, tolerance):
    compare(plan["objective_yuan"], float(want), tolerance, "objective")


def check_cost(plan, terms, want, tolerance):
    compare(sum(plan["cost"][t] for t in terms.split()), float(want), tolerance, terms)


def check_sum(plan, path, want, tolerance):
    compare(sum(at_path(plan, path)), float(want), tolerance, path)


def check_max(plan, path, want, tolerance):
    compare(max(at_path(plan, path)), float(want), tolerance, path)


def check_series(plan, path, want, tolerance):
    got = at_path(plan, path)
    values = [float(v) for v in want.split()]
    if len(got) != len(values):
        raise Wrong(f"{path} has {len(got)} values, must have {len(values)}")
    for step, (a, b) in enumerate(zip(got, values)):
        compare(a, b, tolerance, f"{path}[{step}]")


def check_words(plan, path, want, _):
    got = " ".join(at_path(plan, path))
    if got != want:
        raise Wrong(f"{path} is {got}, must be {want}")


CHECKS = {
    "objective": check_objective,
    "cost": check_cost,
    "sum": check_sum,
    "max": check_max,
    "series": check_series,
    "words": check_words,
}


def run(name, rows):
    """All checks of one problem; true if they hold."""
    try:
        plan = solve(name, rows[0]["work"])
        check_always(plan)
        for row in rows:
            kind, _, where = row["check"].partition(" ")
            CHECKS[kind](plan, where, row["value"], float(row["tolerance"]))
    except (Wrong, KeyError, ValueError, subprocess.TimeoutExpired) as why:
        print(f"not ok {name}: {why}")
        return False
    print(f"ok {name}")
    print(f"   work {plan['work']:.0f}, {plan['seconds']:.2f} s, gap {plan['gap_pu']:.2g}")
    return True


def main():
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    with open(HERE / "expected.csv", newline="") as f:
        rows = [r for r in csv.DictReader(f) if only in r["problem"]]
    good = True
    for name, group in itertools.groupby(rows, key=lambda r: r["problem"]):
        good = run(name, list(group)) and good
    missing = {str(p.relative_to(HERE))[:-5] for p in HERE.glob("*/*.json")} - {r["problem"] for r in rows}
    if missing and not only:
        print(f"not ok every problem has an answer: none for {', '.join(sorted(missing))}")
        good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
