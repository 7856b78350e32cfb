#!/usr/bin/env python3
"""oemof-solph's simple dispatch example as a problem of Kilnwatt.

    tests/golden/convert_oemof_chp.py FOLDER tests/golden/problems/oemof_chp

Source: oemof/oemof-solph (GitHub) at 5131b060809eed6c59e81c0bbfa615215784bea7,
tests/test_scripts/test_solph/test_simple_model/ (input_data.csv, parameters and expected sums from
test_simple_dispatch.py), MIT licence, Copyright (c) oemof developer group.

What changes: 120 hourly steps; MW become kW, prices per MWh prices per kWh, so that the objective
stays the same number. Condensing plants are priced sources on the electricity bus. The CHP is one
converter from a free gas bus with 0.3 electricity and 0.4 heat per unit of gas (4/3 MWh of heat
per MWh of electricity, at most 30 and 40 MW), whose cost per MWh of electricity becomes one per
unit of gas. The heat pump is a converter with a COP of 3 and 10 MW of heat at most. Wind and PV
are fixed; surplus electricity is dumped free; heat may not be dumped.
"""

import csv

import problem_file as pf

HOUR_S = 3600
PLANTS = {"coal": (20200, 25), "lignite": (11800, 19), "gas": (41000, 40), "oil": (5000, 50)}
CHP_KW, CHP_EL, CHP_HEAT, CHP_PER_MWH_EL = 30000, 0.3, 0.4, 42
PUMP_COP, PUMP_HEAT_KW = 3, 10000


def convert(rows):
    def column(key, scale_kw):
        return pf.series(float(r[key]) * scale_kw for r in rows)

    question = pf.problem(
        "oemof simple dispatch",
        [HOUR_S] * len(rows),
        {"electricity": {"kind": "electricity", "dump": True}, "heat": "heat", "chp gas": "gas"},
    )
    question["sources"] = [
        {"name": "wind", "bus": "electricity", "fixed": True, "available_kw": column("wind", 66300)},
        {"name": "pv", "bus": "electricity", "fixed": True, "available_kw": column("pv", 65300)},
        {"name": "chp supply", "bus": "chp gas", "available_kw": 2 * CHP_KW / CHP_EL},
    ]
    question["sources"] += [
        {"name": name, "bus": "electricity", "available_kw": kw, "yuan_per_kwh": price / 1000}
        for name, (kw, price) in PLANTS.items()
    ]
    question["loads"] = [
        {"name": "electric demand", "bus": "electricity", "draw_kw": column("demand_el", 85000)},
        {"name": "heat demand", "bus": "heat", "draw_kw": column("demand_th", 40000)},
    ]
    question["converters"] = [
        {
            "name": "chp",
            "bus_in": "chp gas",
            "out_bus": "electricity",
            "out_gain": CHP_EL,
            "out2_bus": "heat",
            "out2_gain": CHP_HEAT,
            "in_kw_max": CHP_KW / CHP_EL,
            "run_yuan_per_kwh": CHP_PER_MWH_EL / 1000 * CHP_EL,
        },
        {
            "name": "heat pump",
            "bus_in": "electricity",
            "out_bus": "heat",
            "out_gain": PUMP_COP,
            "in_kw_max": PUMP_HEAT_KW / PUMP_COP,
        },
    ]
    return question


def main():
    args = pf.arguments(__doc__.split("\n")[0])
    with open(args.source / "input_data.csv", newline="") as f:
        rows = list(csv.DictReader(f))
    pf.write(args.out, "simple_dispatch", convert(rows))


if __name__ == "__main__":
    main()
