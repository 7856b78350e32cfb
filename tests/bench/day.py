#!/usr/bin/env python3
"""One simulated day twice: the plan against the rules. Prints bill, self-consumption,
limits and orders as the simulator's referee saw them. What one day leaves to the next (stores
emptier than at the beginning, vehicles and firings that are owed energy, less work done ahead of
time) is valued at the lowest import price, so that a plan does not win by emptying its stores.

    tests/bench/day.py [--park etc/parks/ceramics.yaml] [--speed 60] [--start 2025-07-14] [--hours 24]
                       [--together]

One after the other, 24 minutes each at x60. At x60 a stall of the machine of 34 ms is two seconds
in the park, so that two parks at once (--together, 24 minutes in all) want four free cores."""

import argparse
import concurrent.futures
import json
import pathlib
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from park_run import ParkRun  # noqa: E402

ROWS = [
    ("cost of energy, gas, wear, carbon, yuan", lambda r: r["kpi"]["cost_yuan"]),
    ("  with what is left to the next day", lambda r: r["kpi"]["cost_yuan"] + r["kpi"]["carry_yuan"]),
    ("  energy", lambda r: r["kpi"]["cost"]["energy_yuan"]),
    ("  gas", lambda r: r["kpi"]["cost"]["gas_yuan"]),
    ("  demand charge, share of a day", lambda r: r["kpi"]["cost"]["demand_yuan"]),
    ("  storage wear", lambda r: r["kpi"]["cost"]["wear_yuan"]),
    ("  carbon", lambda r: r["kpi"]["cost"]["carbon_yuan"]),
    ("self-consumption, %", lambda r: 100 * r["kpi"]["self_consumption_pu"]),
    ("grid import, kWh", lambda r: r["kpi"]["import_kwh"]),
    ("grid export, kWh", lambda r: r["kpi"]["export_kwh"]),
    ("PV and wind, kWh", lambda r: r["kpi"]["pv_kwh"] + r["kpi"]["wind_kwh"]),
    ("curtailed, kWh", lambda r: r["kpi"]["curtailed_kwh"]),
    ("greatest 15-min mean, kW", lambda r: r["kpi"]["peak_sliding_kw"]),
    ("import limit passed, longest s", lambda r: r["import_over"]["longest_s"]),
    ("export limit passed, longest s", lambda r: r["export_over"]["longest_s"]),
    ("reverse-power relay trips", lambda r: r["relay_trips"]),
    ("heat not served, kWh", lambda r: r["kpi"]["unserved_heat_kwh"]),
    ("charging short, kWh", lambda r: r["kpi"]["charge_short_kwh"]),
    ("orders done", lambda r: r["kpi"]["orders_done"]),
    ("orders late or missed", lambda r: r["kpi"]["orders_late"]),
    ("left to the next day, kWh", lambda r: r["kpi"]["carry_kwh"]),
    ("breaches", lambda r: r["breaches_count"]),
]


def run_day(ask, policy):
    """What the referee found."""
    park = pathlib.Path(ask.park).name
    with ParkRun(park, "--speed", ask.speed, "--start", ask.start, policy=policy) as run:
        while run.truth()["elapsed_s"] < ask.hours * 3600:
            time.sleep(1)
        return run.judged()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--park", default="etc/parks/ceramics.yaml", help="a park of etc/parks")
    parser.add_argument("--speed", default="60")
    parser.add_argument("--start", default="2025-07-14T00:00:00+08:00")
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--together", action="store_true", help="both at once")
    ask = parser.parse_args()
    policies = ("plan", "rule")
    with concurrent.futures.ThreadPoolExecutor(len(policies) if ask.together else 1) as pool:
        seen = dict(zip(policies, pool.map(lambda policy: run_day(ask, policy), policies)))
    print(f"{'':42s} {'plan':>12s} {'rule':>12s}")
    for title, value in ROWS:
        print(f"{title:42s} {value(seen['plan']):12.2f} {value(seen['rule']):12.2f}")
    for name, r in seen.items():
        print(f"{name}: longest export began at {r['export_over']['longest_at']}")
        for b in r["breaches"]:
            print(f"{name}: {json.dumps(b)}")
    print(json.dumps({name: r["kpi"] for name, r in seen.items()}))


if __name__ == "__main__":
    main()
