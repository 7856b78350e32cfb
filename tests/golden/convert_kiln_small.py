#!/usr/bin/env python3
"""Furnace schedules of EnergyStatesAndCosts as problems of Kilnwatt.

    tests/golden/convert_kiln_small.py FOLDER/instances tests/golden/problems/kiln_small

Source: CTU-IIG/EnergyStatesAndCostsScheduling (GitHub) at 6101784fd692c828c1564ef3377743d4561652cb
(aghelinejad2019a_*) and CTU-IIG/EnergyStatesAndCostsSchedulingData at
39b219460d74a6081fb39e6703c77d340d242564 (aghelinejad2017a_*), MIT licence, Czech Technical
University in Prague.

One furnace fires batches one after another; its power depends on whether it is off, heats up, is
on, idles or cools down, and the price of energy on the interval.

What changes: an interval becomes an hour and a unit of power a kW, so that a unit of cost is a yuan.
The furnace is a machine with states (off: cold, idle: holding), a batch an order whose recipe draws
"on" for as many hours as it has intervals. Off in the first interval: heating not before step 1.
Off in the last one: cold by its beginning. A transition that the source leaves out (null) between
off and idle is forbidden here by `heat_fires` and `fire_cools`. The grid gives what is needed and
takes nothing. A batch left out costs more than any schedule.
"""

import json

import problem_file as pf

HOUR_S = 3600


def furnace(source, last_s):
    """The machine, with the states of the source."""
    if source["MachinesCount"] != 1 or source["LengthInterval"] != 1:
        raise SystemExit("one machine and unit intervals are what this converter knows")
    if source["OffIdleTime"] != [None] or source["IdleOffTime"] != [None]:
        raise SystemExit("a way between off and idle of its own is not known here")
    return {
        "name": "furnace",
        "bus": "electricity",
        "free_from_s": HOUR_S,
        "cold_by_s": last_s,
        "heat_s": source["OffOnTime"][0] * HOUR_S,
        "cool_s": source["OnOffTime"][0] * HOUR_S,
        "cold_kw": source["OffPowerConsumption"][0],
        "heat_kw": source["OffOnPowerConsumption"][0],
        "hold_kw": source["IdlePowerConsumption"],
        "cool_kw": source["OnOffPowerConsumption"][0],
        "heat_fires": True,
        "fire_cools": True,
    }


def recipe(hours, power):
    return {"name": f"{hours} h", "cells": hours, "step_s": HOUR_S, "draw_bus": "electricity",
            "draw_kw": [power] * hours}


def convert(name, source):
    prices = source["EnergyCosts"]
    last = len(prices) - 1
    hours = [job["ProcessingTime"] for job in source["Jobs"]]
    draws = [source[key][0] for key in ("OffOnPowerConsumption", "OnOffPowerConsumption")]
    draws += [source[key] for key in ("OnPowerConsumption", "IdlePowerConsumption")]
    question = pf.problem(f"EnergyStatesAndCosts, {name}", [HOUR_S] * len(prices), {"electricity": "electricity"})
    question["machines"] = [furnace(source, last * HOUR_S)]
    question["recipes"] = [recipe(h, source["OnPowerConsumption"]) for h in sorted(set(hours))]
    question["orders"] = [
        {"name": f"batch {job['Id']}", "machine": "furnace", "recipe": f"{job['ProcessingTime']} h",
         "earliest_step": 1, "latest_step": last, "skip_yuan": sum(prices) * max(draws) + 1}
        for job in source["Jobs"]
    ]
    question["grid"] = {"bus": "electricity", "import_kw_max": max(draws), "import_yuan_per_kwh": prices}
    return question


def main():
    args = pf.arguments(__doc__.split("\n")[0])
    for path in sorted(args.source.glob("*.json")):
        if not path.name.endswith(".schedule.json"):
            pf.write(args.out, path.stem, convert(path.stem, json.loads(path.read_text())))


if __name__ == "__main__":
    main()
