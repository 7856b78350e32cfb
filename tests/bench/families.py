#!/usr/bin/env python3
"""Writes a seeded random day of a park as a problem for `kilnwatt plan --problem`.

    tests/bench/families.py FAMILY SEED >day.json        FAMILY: small, reference or large

24 h in steps of 15 min: PV, wind, base load and heat demand with weather; time-of-use prices,
demand charge, on most days a paid reduction; batteries, heat pumps, kilns and flexible loads as the
table FAMILIES counts them, a boiler, a heat store and an electric storage boiler. The same family
and seed give the same file."""

import json
import math
import random
import sys

STEPS, STEP_H, CELL_H = 96, 0.25, 1 / 12
HOURS = STEPS * STEP_H
START_MS = 1752422400000  # 2025-07-14T00:00+08:00

FAMILIES = {
    "small": {"batteries": 1, "pumps": 1, "kilns": 2, "firings": 1, "chp": 0, "flexible": 0,
              "mw": 0.45},
    "reference": {"batteries": 2, "pumps": 2, "kilns": 4, "firings": 2, "chp": 1, "flexible": 10,
                  "mw": 1.0},
    "large": {"batteries": 4, "pumps": 8, "kilns": 16, "firings": 2, "chp": 1, "flexible": 50,
              "mw": 4.0},
}

# Yuan per kWh; the last row that begins at or before the hour holds.
PRICES = [(0, 0.30), (8, 0.69), (11, 1.08), (12, 1.30), (14, 1.08), (17, 0.69), (20, 1.08),
          (22, 0.69)]
GAS_YUAN_PER_KWH = 0.31
MISSED_YUAN_PER_KWH = 3.0


def rounded(values, digits=3):
    return [round(v, digits) for v in values]


def hours():
    """Middles of the steps."""
    return [(t + 0.5) * STEP_H for t in range(STEPS)]


def step_of(hour):
    return round(hour / STEP_H)


def quarter_up(hour):
    return math.ceil(hour / STEP_H - 1e-9) * STEP_H


def quarter_down(hour):
    return math.floor(hour / STEP_H + 1e-9) * STEP_H


class Day:
    """One instance while it is made: the dice, the family's counts, the problem so far."""

    def __init__(self, family, seed):
        self.dice = random.Random(f"{family} {seed}")
        self.of = FAMILIES[family]
        self.kw = 1000 * self.of["mw"]  # the park's scale
        self.out = {
            "version": 1, "about": f"{family}, seed {seed}", "start_ms": START_MS,
            "step_s": [3600 * STEP_H] * STEPS,
            "beyond_yuan_per_kwh": PRICES[0][1],
            "buses": [{"name": "electricity", "kind": "electricity"},
                      {"name": "heat", "kind": "heat", "dump": True, "dump_yuan_per_kwh": 0.02},
                      {"name": "gas", "kind": "gas"}],
            "sources": [], "loads": [], "storages": [], "converters": [], "machines": [],
            "recipes": [], "orders": [], "jobs": [], "reductions": [], "limits": [],
        }

    def between(self, lo, hi):
        return self.dice.uniform(lo, hi)

    def wander(self, keep_pu, sigma=1.0):
        """Autoregressive noise of standard deviation sigma, one value per step."""
        x, out = self.dice.gauss(0, sigma), []
        for _ in range(STEPS):
            x = keep_pu * x + math.sqrt(1 - keep_pu ** 2) * self.dice.gauss(0, sigma)
            out.append(x)
        return out

    def add(self, table, **fields):
        self.out[table].append(fields)


def add_grid(day):
    price = [next(yuan for since, yuan in reversed(PRICES) if since <= h) for h in hours()]
    day.out["grid"] = {
        "bus": "electricity",
        "import_kw_max": 3.6 * day.kw, "export_kw_max": 2.5 * day.kw,
        "import_yuan_per_kwh": price, "export_yuan_per_kwh": 0.28,
        "demand_counts": 1, "demand_so_far_kw": round(day.kw * day.between(1.9, 2.5)),
        "demand_over_yuan_per_kw": 10,
        "demand_average_steps": 1,
    }


def add_weather(day):
    """Sources and rigid loads; returns the outdoor temperature per step."""
    cloud = day.dice.choices([0.35, 0.65, 0.95], [3, 3, 4])[0]
    sun = [max(0, math.sin(math.pi * (h - 6.3) / 12.4)) ** 1.2 for h in hours()]
    pv_kw = 2 * day.kw * day.between(0.8, 1.3)
    wind_kw = day.kw * day.between(0.5, 1.2)
    cold = day.dice.gauss(0, 4)
    outdoor = [8 + cold + 6 * math.sin(2 * math.pi * (h - 9) / 24) for h in hours()]
    sky = [min(max(cloud + 0.18 * x, 0.05), 1) for x in day.wander(0.91)]
    gusts = [min(max(0.3 + x, 0), 1) for x in day.wander(0.98, 0.22)]
    day.add("sources", name="pv", bus="electricity", curtail_yuan_per_kwh=0.06,
            available_kw=rounded(pv_kw * s * k for s, k in zip(sun, sky)))
    day.add("sources", name="wind", bus="electricity", curtail_yuan_per_kwh=0.06,
            available_kw=rounded(wind_kw * g for g in gusts))
    day.add("sources", name="gas", bus="gas", available_kw=8 * day.kw,
            yuan_per_kwh=GAS_YUAN_PER_KWH)
    base_kw = 1.5 * day.kw * day.between(0.8, 1.2)
    shift = [1.0 if 7.5 < h < 20 else 0.55 for h in hours()]
    day.add("loads", name="base", bus="electricity",
            draw_kw=rounded(base_kw * s * max(1 + 0.06 * x, 0.5)
                            for s, x in zip(shift, day.wander(0.94))))
    day.add("loads", name="heating", bus="heat",
            draw_kw=rounded(0.9 * day.kw * max(0.1, 1 + 0.05 * x - 0.03 * (degc - 8) +
                                               0.35 * math.sin(2 * math.pi * (h - 2) / 24))
                            for h, degc, x in zip(hours(), outdoor, day.wander(0.94))))
    return outdoor


def add_storages(day):
    for i in range(day.of["batteries"]):
        kw = day.kw * day.between(0.5, 1.0) / day.of["batteries"]
        kwh = kw * day.between(1.8, 2.6)
        day.add("storages", name=f"battery{i + 1}", bus_in="electricity", bus_out="electricity",
                charge_kw_max=kw, discharge_kw_max=kw, energy_kwh_min=0.1 * kwh,
                energy_kwh_max=kwh, energy_start_kwh=kwh * day.between(0.2, 0.7), charge_pu=0.95,
                discharge_pu=0.95, wear_yuan_per_kwh=0.04, exclusive=True,
                terminal_yuan_per_kwh=day.between(0.43, 0.52))
    kwh = 3 * day.kw
    day.add("storages", name="hot_water", bus_in="heat", bus_out="heat", charge_kw_max=kwh,
            discharge_kw_max=kwh, energy_kwh_max=kwh, loss_pu_per_h=0.004,
            energy_start_kwh=kwh * day.between(0.3, 0.7), terminal_yuan_per_kwh=0.15)
    day.add("storages", name="storage_boiler", bus_in="electricity", bus_out="heat",
            charge_kw_max=0.5 * day.kw, discharge_kw_max=0.8 * day.kw, energy_kwh_max=kwh,
            energy_start_kwh=day.kw * day.between(0.3, 1.5), charge_pu=0.99, loss_pu_per_h=0.008,
            terminal_yuan_per_kwh=0.2)


def add_converters(day, outdoor):
    for i in range(day.of["pumps"]):
        kw = 2 * day.kw * day.between(0.18, 0.28) / day.of["pumps"]
        cop = day.between(2.9, 3.4)
        on = day.dice.random() < 0.5
        day.add("converters", name=f"heat_pump{i + 1}", bus_in="electricity", out_bus="heat",
                out_gain=rounded(max(cop + 0.055 * (degc - 8), 1.5) for degc in outdoor),
                in_kw_max=kw, in_kw_min=0.4 * kw, min_up_s=3600 * day.dice.choice([1, 1.5, 2]),
                min_down_s=3600 * day.dice.choice([0.5, 1]), start_yuan=0.3 * kw, on_now=on,
                since_s=3600 * day.dice.choice([0.5, 3]), in_start_kw=0.7 * kw if on else 0)
    for i in range(day.of["chp"]):
        # gas = 0.12 kW per kW of rating while on, and 2.45 per kW given: eta rises with the load
        kw = 0.6 * day.kw
        day.add("converters", name=f"chp{i + 1}", bus_in="gas", out_bus="electricity",
                out_gain=1 / 2.45, out_offset_kw=-0.12 * kw / 2.45, out2_bus="heat",
                out2_gain=1.12 / 2.45, out2_offset_kw=(0.02 - 0.12 * 1.12 / 2.45) * kw,
                in_kw_max=2.57 * kw, in_kw_min=(0.12 + 2.45 * 0.5) * kw,
                ramp_up_kw_per_h=2 * kw, ramp_down_kw_per_h=2 * kw, min_up_s=3 * 3600,
                min_down_s=2 * 3600, start_yuan=0.35 * day.kw, since_s=3 * 3600)
    day.add("converters", name="boiler", bus_in="gas", out_bus="heat", out_gain=0.92,
            in_kw_max=1.5 * day.kw / 0.92)


def firing_program(day, name):
    """A recipe of heating up, soak and cooling, with the waste heat it gives."""
    longer = 1.3 if day.of["firings"] == 1 else 1.0
    up, soak, cool = (round(longer * day.between(*span) / STEP_H) * 3
                      for span in ((1.5, 3.0), (2.0, 3.5), (1.0, 2.5)))
    peak = day.kw * 1.32 / day.of["kilns"] * longer * day.between(0.75, 1.25)
    quarter = up // 4
    parts = [(quarter, 0.35), (quarter, 0.6), (quarter, 0.85), (up - 3 * quarter, 1.0),
             (soak, day.between(0.6, 0.8)), (cool // 2, 0.25), (cool - cool // 2, 0.1)]
    warm = [(up // 2, 0), (up - up // 2, 0.12), (soak, 0.22), (cool, 0.3)]
    draw = [peak * pu for cells, pu in parts for _ in range(cells)]
    give = [peak * pu for cells, pu in warm for _ in range(cells)]
    day.add("recipes", name=name, cells=len(draw), step_s=3600 * CELL_H, draw_bus="electricity",
            draw_kw=rounded(draw), give_bus="heat", give_kw=rounded(give))
    return {"name": name, "hours": len(draw) * CELL_H, "peak": peak}


def window(day, firing, hours_long, free_from):
    """Earliest and latest start of a kiln's n-th firing, in hours."""
    if day.of["firings"] == 1:
        earliest, end = day.between(0, 6), HOURS
    elif firing == 0:
        earliest, end = day.between(0, 2), day.between(15, 19)
    else:
        earliest, end = day.between(5, 8), HOURS
    earliest = quarter_up(max(earliest, free_from))
    latest = quarter_down(min(max(end, earliest + hours_long + 1), HOURS) - hours_long)
    return earliest, max(latest, earliest)


def add_kilns(day):
    programs = [firing_program(day, f"program{k + 1}")
                for k in range(max(2, day.of["kilns"] // 2))]
    peaks = 0
    for k in range(day.of["kilns"]):
        kiln, free_from = f"kiln{k + 1}", 0.0
        day.add("machines", name=kiln, gap_s=2700)
        if day.dice.random() < 0.35:
            program = day.dice.choice(programs)
            gone = quarter_down(program["hours"] * day.between(0.4, 0.85))
            free_from = program["hours"] - gone + 0.75
            day.add("orders", name=f"{kiln} running", machine=kiln, recipe=program["name"],
                    started=True, started_s=3600 * gone)
        for n in range(day.of["firings"]):
            program = day.dice.choice(programs)
            earliest, latest = window(day, n, program["hours"], free_from)
            peaks += program["peak"]
            day.add("orders", name=f"{kiln} {n + 1}", machine=kiln, recipe=program["name"],
                    earliest_step=step_of(earliest), latest_step=step_of(latest),
                    skip_yuan=24 * day.kw / day.of["kilns"])
    day.add("limits", name="kiln_feeder", draw_kw_max=0.72 * peaks / day.of["firings"],
            members=[{"kind": "order", "name": o["name"]} for o in day.out["orders"]])


def add_flexible(day):
    """Of ten: five charging sessions, three batches without pause, two that may pause."""
    share = day.kw * 10 / max(day.of["flexible"], 1)
    for i in range(day.of["flexible"]):
        job = {"name": f"job{i + 1}", "bus": "electricity", "pauses_max": -1,
               "short_yuan_per_kwh": MISSED_YUAN_PER_KWH}
        if i % 10 < 5:
            kw, begin = share * day.between(0.04, 0.1), quarter_down(day.between(0, 15))
            end = min(quarter_up(begin + day.between(3, 9)), HOURS)
            job.update(energy_kwh=kw * (end - begin) * day.between(0.3, 0.75))
        elif i % 10 < 8:
            kw, begin = share * day.between(0.06, 0.15), quarter_down(day.between(0, 12))
            run = day.dice.choice([1, 1.5, 2, 3])
            end = min(quarter_down(begin + run + day.between(3, 9)), HOURS)
            job.update(energy_kwh=kw * run, draw_kw_min=kw, min_run_s=3600 * run, pauses_max=0)
        else:
            kw, begin = share * day.between(0.06, 0.15), quarter_down(day.between(0, 8))
            end = min(quarter_down(begin + day.between(8, 14)), HOURS)
            job.update(energy_kwh=kw * day.dice.randint(3, 6), draw_kw_min=kw)
        job.update(draw_kw_max=kw, from_step=step_of(begin), to_step=step_of(end))
        day.add("jobs", **job)


def add_reduction(day):
    if day.dice.random() < 0.7:
        begin, length = day.dice.choice([12, 14, 19, 20]), day.dice.choice([1, 2])
        kw = day.kw * day.between(0.3, 0.6)
        day.add("reductions", name="event", from_step=step_of(begin),
                to_step=step_of(begin + length), baseline_kw=day.kw * day.between(1.5, 2.2),
                paid_kw_max=kw, promised_kw=kw, reward_yuan_per_kwh=2.5, missing_yuan_per_kwh=1.5)


def make(family, seed):
    """The problem as a plain object."""
    day = Day(family, seed)
    add_grid(day)
    outdoor = add_weather(day)
    add_storages(day)
    add_converters(day, outdoor)
    add_kilns(day)
    add_flexible(day)
    add_reduction(day)
    return day.out


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in FAMILIES:
        sys.exit(__doc__)
    json.dump(make(sys.argv[1], sys.argv[2]), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
