#!/usr/bin/env python3
"""The benchmarks' generators: the same seed gives the same file, and the planner takes every family
and each of the park's days, wishes kept."""

import json
import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))
import days  # noqa: E402
import families  # noqa: E402

KILNWATT = os.environ.get("KILNWATT", "build/kilnwatt")
failed = 0


def check(name, good, why=""):
    global failed
    failed += not good
    print(f"ok {name}" if good else f"not ok {name}: {why}")


def rule_plan(problem):
    """The rules' plan of a problem, or what the planner said against it."""
    path = pathlib.Path(os.environ.get("TMPDIR", "/tmp"), "instance.json")
    path.write_text(json.dumps(problem), encoding="utf-8")
    done = subprocess.run([KILNWATT, "plan", "--problem", path, "--policy", "rule", "--json"],
                          capture_output=True, text=True, check=False)
    return (json.loads(done.stdout), "") if done.returncode == 0 else (None, done.stderr)


for family, counts in families.FAMILIES.items():
    first, again = (json.dumps(families.make(family, 7)) for _ in range(2))
    check(f"{family}.same_seed_same_file", first == again)
    check(f"{family}.other_seed_other_file", first != json.dumps(families.make(family, 8)))
    problem = json.loads(first)
    firings = [o for o in problem["orders"] if not o.get("started")]
    check(f"{family}.firings", len(firings) == counts["kilns"] * counts["firings"], len(firings))
    plan, why = rule_plan(problem)
    check(f"{family}.planned", plan is not None, why)
for day in days.DAYS:
    plan, why = rule_plan(days.make(day))
    check(f"{day}.planned", plan is not None and not plan["breaches"], why or plan["breaches"])
    if plan is not None:
        dear = 60000 if day != "SprSunday" else 20000
        check(f"{day}.yuan", 2000 < plan["objective_yuan"] < 2 * dear, plan["objective_yuan"])
sys.exit(1 if failed else 0)
