#!/usr/bin/env python3
"""Memory of the five roles on the reference park: proportional set size from /proc, printed per
role; together at most 64 MB while no plan is being solved."""

import pathlib
import re
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from park_run import ROLES, ParkRun, simlib, wait_until  # noqa: E402

check = simlib.Checks()
START = "2025-07-14T10:00:00+08:00"
LIMIT_KB = 64 * 1024


def pss_kb(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss: +(\d+) kB", text, re.M).group(1))


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def solving(run):
    """True if the planner works at the moment."""
    pid = run.roles()["plan"]
    before = cpu_s(pid)
    time.sleep(0.4)
    return cpu_s(pid) > before + 2


def main():
    with ParkRun("ceramics.yaml", "--speed", "10", "--start", START) as run:
        planned = wait_until(lambda: run.request("GET", "/api/v1/plan")[0] == 200, 60)
        check("pss.there_is_a_plan", planned, "none after 60 s")
        for path in ("/", "/api/v1/points", "/api/v1/devices", "/api/v1/plan", "/api/v1/events"):
            run.request("GET", path)
        check("pss.planner_rests", wait_until(lambda: not solving(run), 30), "it always works")
        pss = {role: pss_kb(pid) for role, pid in run.roles().items()}
        pss["supervisor"] = pss_kb(run.controller.pid)
        total = sum(pss.values())
        print("PSS in kB: " + ", ".join(f"{n} {kb}" for n, kb in pss.items()) +
              f"; together {total} kB = {total / 1024:.1f} MB; simulator {pss_kb(run.process.pid)}")
        check("pss.all_roles", set(ROLES) <= set(pss), str(pss))
        check("pss.at_most_64_mb", total <= LIMIT_KB, f"{total} kB")
    return check.done()


if __name__ == "__main__":
    sys.exit(main())
