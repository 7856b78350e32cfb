#!/usr/bin/env python3
"""Our search beside HiGHS, CBC and plain GLPK on the same problems; `make bench-optimizer`.

    tests/bench/optimizer.py [--seeds 5] [--seconds 30] [--busy] [--only PART,...] [--keep DIR]

Solves seeds of the families (families.py) and the park's six days (days.py) with each solver in
turn, one thread each, one at a time, so that a busy machine is unfair to all alike. Ours gets the
problem, the others its exported matrix. Prints a line per solve, then per family the median time to
the first plan and to a proven gap of 1 %, 0.5 % and 0.1 % (where a solve ends), the median gap
after 1, 5 and 30 s, and beside each time the median of the other's time over HiGHS's."""

import argparse
import json
import math
import pathlib
import statistics
import sys
import tempfile

sys.dont_write_bytecode = True
import days  # noqa: E402
import families  # noqa: E402
import park_series  # noqa: E402
import solvers  # noqa: E402

GAPS_PU = (0.01, 0.005, 0.001)
MOMENTS_S = (1, 5, 30)
FIRST = "first plan"


def plain_mps(path):
    """Takes out of a file that glp_write_mps() wrote what readers of MPS understand differently:
    remarks go, and the objective's constant becomes a column fixed at 1."""
    section, lines, constant = "", [], None
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.partition("$")[0]
        words = line.split()
        if line[:1] not in " *":
            section = words[0]
            if section == "RHS":
                constant_at = len(lines)
        if section == "RHS" and "R0000000" in words:
            at = words.index("R0000000")
            constant = words[at + 1]
            del words[at:at + 2]
            line = " " + " ".join(words) if len(words) > 1 else "*"
        if section == "ENDATA" and constant:
            lines.append(" FX BND1 CONSTANT 1")
            lines.insert(constant_at, f" CONSTANT R0000000 {constant}")
        lines.append(line)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def prepare(base, problem):
    """Writes base.json and base.mps."""
    pathlib.Path(f"{base}.json").write_text(json.dumps(problem), encoding="utf-8")
    done = park_series.plan("--problem", f"{base}.json", "--policy", "rule", "--export-mps",
                            f"{base}.mps")
    if done.returncode != 0:
        sys.exit(done.stderr)
    plain_mps(pathlib.Path(f"{base}.mps"))


def instances(ask):
    """Yields (family, name, problem)."""
    for family in families.FAMILIES:
        for seed in range(1, ask.seeds + 1):
            yield family, f"{family}-{seed}", lambda f=family, s=seed: families.make(f, s)
    for day in days.DAYS:
        yield "days", day, lambda d=day: days.make(d)


def time_to(points, reached):
    return next((at for at, yuan, bound in points if reached(yuan, bound)), math.inf)


def figures(points):
    """What one solve achieved: seconds by goal, gap by moment."""
    out = {FIRST: time_to(points, lambda yuan, _: math.isfinite(yuan))}
    for gap in GAPS_PU:
        out[f"{100 * gap:g} %"] = time_to(points,
                                          lambda y, b, g=gap: solvers.gap_pu(y, b) <= g)
    for moment in MOMENTS_S:
        gaps = [solvers.gap_pu(yuan, bound) for at, yuan, bound in points if at <= moment]
        out[f"after {moment} s"] = min(gaps, default=math.inf)
    return out


def seconds_text(value, limit):
    return f"{value:.2f}" if math.isfinite(value) else f">{limit:g}"


def gap_text(value):
    return f"{100 * value:.2f} %" if math.isfinite(value) else "none"


def ratio(rows, mine, goal, limit):
    """Median over instances of a solver's seconds over HiGHS's; what was not reached counts as the
    limit."""
    pairs = [(min(row[mine][goal], limit), min(row["HiGHS"][goal], limit)) for row in rows]
    return statistics.median(max(a, 0.001) / max(b, 0.001) for a, b in pairs)


def print_family(family, rows, limit):
    goals = [FIRST, *(f"{100 * gap:g} %" for gap in GAPS_PU)]
    moments = [f"after {m} s" for m in MOMENTS_S if m <= limit]
    print(f"\n{family}, {len(rows)} instances: median seconds (x HiGHS), median gap")
    print(f"  {'':11s}" + "".join(f"{g:>17s}" for g in goals) +
          "".join(f"{m:>13s}" for m in moments))
    for name in rows[0]:
        cells = []
        for goal in goals:
            value = statistics.median(row[name][goal] for row in rows)
            times = ratio(rows, name, goal, limit) if "HiGHS" in rows[0] else math.nan
            cells.append(f"{seconds_text(value, limit):>8s} ({times:5.2f}x)")
        gaps = [gap_text(statistics.median(row[name][m] for row in rows)) for m in moments]
        print(f"  {name:11s}" + "".join(f"{c:>17s}" for c in cells) +
              "".join(f"{g:>13s}" for g in gaps), flush=True)


def measure(ask, scratch):
    """All solves, instance after instance; rows by family."""
    out = {}
    print(f"{'instance':14s} {'solver':11s} {'first':>8s} {'1 %':>8s} {'0.5 %':>8s} {'0.1 %':>8s} "
          f"{'gap':>9s} {'yuan':>12s} {'bound':>12s} {'cpu':>5s} {'MiB':>5s}")
    for family, name, make in instances(ask):
        if not any(part in name for part in ask.only.split(",")):
            continue
        base = pathlib.Path(scratch, name)
        prepare(base, make())
        row = {}
        for solver in ask.solvers.split(","):
            points, share, peak_mib = solvers.run(solver, base, ask.seconds, ask.busy)
            row[solver] = figures(points)
            yuan, bound = points[-1][1:] if points else (math.inf, -math.inf)
            times = " ".join(f"{seconds_text(row[solver][goal], ask.seconds):>8s}"
                             for goal in (FIRST, "1 %", "0.5 %", "0.1 %"))
            print(f"{name:14s} {solver:11s} {times} {gap_text(solvers.gap_pu(yuan, bound)):>9s} "
                  f"{yuan:12.2f} {bound:12.2f} {share:5.2f} {peak_mib:5.0f}",
                  flush=True)
        out.setdefault(family, []).append(row)
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seeds", type=int, default=5, help="of each family")
    parser.add_argument("--seconds", type=float, default=30, help="per solve")
    parser.add_argument("--busy", action="store_true",
                        help="processor seconds, for a machine that has other work")
    parser.add_argument("--only", default="", 
                        help="instances with one of these (comma between) in their names")
    parser.add_argument("--solvers", default=",".join(solvers.SOLVERS), help="some of them")
    parser.add_argument("--keep", help="directory for problems and matrices; must exist")
    ask = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for family, rows in measure(ask, ask.keep or scratch).items():
            print_family(family, rows, ask.seconds)


if __name__ == "__main__":
    main()
