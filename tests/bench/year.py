#!/usr/bin/env python3
"""A year of daily plans of the ceramics park with perfect foresight; `make bench-year`.

    tests/bench/year.py [--year 2025] [--seed 1] [--ghi 960] [--wind 0.18]
                        [--seconds 10 | --work 20000] [--gap 0.002] [--days N] [--jobs 2]

Each day is planned by itself from midnight, everything at rest, stores to end as they began, energy
of firings after midnight at the valley price; by the search and by the rules. Sun and wind are a
year of `kilnwatt weather` (statistics of west Chongqing), brought to --ghi kWh/m2 and to a mean of
--wind of the turbines' rating. Prints the year's sums beside the published ones of the reference
park (the measured sun of a year of 960 kWh/m2, wind of 90 of 500 kW all the time), the time by the
clock and by the processor, and how many solutions the checker did not accept. A budget of work
instead of seconds gives the same plans on every machine, however busy."""

import argparse
import concurrent.futures
import datetime
import json
import os
import pathlib
import re
import resource
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import park_series  # noqa: E402

YEAR_DAYS = 365
COOLING_KW = 450  # in summer
GAS_KWH_PER_M3 = 9.886
GRID_KGCO2_PER_KWH = 0.5227
GAS_KGCO2_PER_KWH = 0.19994
GONE = ("unserved", "surplus", "skipped", "short", "contract")  # breaches that are worth a line

# Title, what a day adds, published without and with coordination (None: not published).
ROWS = [
    ("energy and gas, million yuan", lambda d: (d["energy"] + d["gas"]) / 1e6, 20.75, 14.48),
    ("  import, million yuan", lambda d: d["energy"] / 1e6, None, None),
    ("  gas, million yuan", lambda d: d["gas"] / 1e6, None, None),
    ("wear, starts, running, million yuan", lambda d: d["running"] / 1e6, None, None),
    ("grid import, GWh", lambda d: d["import_kwh"] / 1e6, 21.46, 18.19),
    ("PV and wind available, GWh", lambda d: d["available_kwh"] / 1e6, 5.25, 5.25),
    ("curtailed, MWh", lambda d: d["curtailed_kwh"] / 1e3, 324, 0),
    ("gas, million m3", lambda d: d["gas_kwh"] / GAS_KWH_PER_M3 / 1e6, 0.877, 1.121),
    ("CO2, t", lambda d: d["kgco2"] / 1e3, 12950, 11720),
]


def kwh(values):
    return sum(values) / 4


def known(question, plan):
    """One day's figures from its question and its plan."""
    cost, used = plan["cost"], plan["devices"]
    electric = [s for s in question["sources"] if s["bus"] == "electricity"]
    available = sum(kwh(s["available_kw"]) for s in electric)
    imported = kwh(plan["grid"]["import_kw"])
    gas = kwh(used["gas"]["kw"])
    return {
        "energy": cost["energy_yuan"] + cost["beyond_yuan"], "gas": cost["fuel_yuan"],
        "running": cost["wear_yuan"] + cost["start_yuan"] + cost["run_yuan"],
        "import_kwh": imported, "available_kwh": available, "gas_kwh": gas,
        "curtailed_kwh": max(available - sum(kwh(used[s["name"]]["kw"]) for s in electric), 0),
        "kgco2": GRID_KGCO2_PER_KWH * imported + GAS_KGCO2_PER_KWH * gas,
        "peak_kw": max(plan["grid"]["import_kw"]), "gap": plan["gap_pu"],
        "seconds": plan["seconds"], "origin": plan["origin"],
        "breaches": [b["kind"] for b in plan["breaches"] if b["kind"] in GONE],
    }


def ask_twice(question, ask):
    """The same question to rules and search; refused solutions."""
    with tempfile.TemporaryDirectory() as scratch:
        path = pathlib.Path(scratch, "day.json")
        path.write_text(json.dumps(question), encoding="utf-8")
        rule = park_series.plan("--problem", path, "--json", "--policy", "rule")
        budget = ("--work", ask.work) if ask.work > 0 else ("--seconds", ask.seconds)
        best = park_series.plan("--problem", path, "--json", "--trace", "--gap", ask.gap, *budget)
    if rule.returncode != 0 or best.returncode != 0:
        raise SystemExit(rule.stderr + best.stderr)
    refused = max((int(n) for n in re.findall(r"refused=(\d+)", best.stderr)), default=0)
    lost = "the solver" in best.stderr
    return {"rule": known(question, json.loads(rule.stdout)),
            "plan": known(question, json.loads(best.stdout)), "refused": refused, "lost": lost}


def day(park, weather, date, ask):
    sun, wind = weather[date]
    cooling = COOLING_KW if date.month in (6, 7, 8) and park.works(date) else 0
    question = park_series.problem(park, date, park_series.columns(park, date, sun, wind), cooling)
    return {"date": date, **ask_twice(question, ask)}


def solvers_s():
    """Processor seconds of all plans, rules and questions."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def print_year(days, wall_s, ask):
    scale = YEAR_DAYS / len(days)
    print(f"sums of {len(days)} days x {scale:.2f}")
    print(f"{'':38s} {'rules':>10s} {'plan':>10s}   published without / with coordination")
    for title, value, without, coordinated in ROWS:
        rule, plan = (scale * sum(value(d[who]) for d in days) for who in ("rule", "plan"))
        published = f"{without:>10g} / {coordinated:g}" if without is not None else ""
        print(f"{title:38s} {rule:10.3f} {plan:10.3f}   {published}")
    for who in ("rule", "plan"):
        months = {}
        for d in days:
            months[d["date"].month] = max(months.get(d["date"].month, 0), d[who]["peak_kw"])
        peaks = " ".join(f"{kw:.0f}" for kw in months.values())
        print(f"highest import of a month, {who}: {peaks}")
    gaps = sorted(d["plan"]["gap"] for d in days)
    seconds = sorted(d["plan"]["seconds"] for d in days)
    breaches = [f"{d['date']} {'+'.join(d['plan']['breaches'])}" for d in days
                if d["plan"]["breaches"]]
    print(f"days {len(days)}, gap median {100 * gaps[len(gaps) // 2]:.3f} % worst "
          f"{100 * gaps[-1]:.3f} %, seconds median {seconds[len(seconds) // 2]:.2f} worst "
          f"{seconds[-1]:.2f} sum {sum(seconds):.0f}, {wall_s:.0f} s in all, {solvers_s():.0f} s of "
          f"processor")
    print(f"solutions refused by the checker {sum(d['refused'] for d in days)} on "
          f"{sum(d['refused'] > 0 for d in days)} days, days left to the rules "
          f"{sum(d['plan']['origin'] == 'rule' for d in days)}, solvers lost "
          f"{sum(d['lost'] for d in days)}, gap over {100 * ask.gap:g} % on "
          f"{sum(g > ask.gap for g in gaps)} days")
    curtailed = [f"{d['date']} {d['plan']['curtailed_kwh']:.0f}" for d in days
                 if d["plan"]["curtailed_kwh"] >= 1]
    print(f"days with curtailed kWh {len(curtailed)} {'; '.join(curtailed[:10])}")
    print(f"days with broken wishes {len(breaches)} {'; '.join(breaches[:10])}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--year", type=int, default=2025)
    parser.add_argument("--seed", type=int, default=1, help="of the weather")
    parser.add_argument("--ghi", type=float, default=960, help="kWh/m2 in the year; 0: as drawn")
    parser.add_argument("--wind", type=float, default=0.18, help="mean of rating; 0: as drawn")
    parser.add_argument("--seconds", type=float, default=10, help="per day")
    parser.add_argument("--work", type=float, default=0, help="per day, instead of seconds")
    parser.add_argument("--gap", type=float, default=0.002)
    parser.add_argument("--days", type=int, default=366, help="every n-th day only, about N")
    parser.add_argument("--jobs", type=int, default=2, help="days at a time")
    ask = parser.parse_args()
    begin = datetime.date(ask.year, 1, 1)
    count = (datetime.date(ask.year + 1, 1, 1) - begin).days
    chosen = range(0, count, max(1, count // min(ask.days, count)))
    park, weather = park_series.Park(), park_series.weather_year(ask.year, ask.seed, ask.ghi,
                                                              ask.wind)
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(min(ask.jobs, os.cpu_count() or 1)) as pool:
        days = list(pool.map(lambda n: day(park, weather, begin + datetime.timedelta(n), ask),
                             chosen))
    print_year(days, time.monotonic() - began, ask)


if __name__ == "__main__":
    main()
