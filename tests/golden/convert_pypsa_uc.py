#!/usr/bin/env python3
"""Genset commitment cases of PyPSA's tests as problems of Kilnwatt.

    tests/golden/convert_pypsa_uc.py FOLDER tests/golden/problems/pypsa_uc

Source: PyPSA/PyPSA (GitHub) at 0209b0ed0a29e7e373b92883e88999dac4dc85a1,
test/test_lopf_unit_commitment.py, MIT licence, PyPSA contributors. The cases are tables of a few
numbers, restated below; nothing is read from FOLDER.

What changes: each unit becomes a converter between a fuel bus, whose only source has the unit's
fuel price, and the electricity bus of an island, which has to be balanced exactly. PyPSA's
limits on the output become limits on the input (gain 1, in case 8 the unit's efficiency). Hourly
steps, kW, kWh. "Running before" without a stated time counts as a day.
"""

import problem_file as pf

DAY_S = 86400
HOUR_S = 3600


def unit(name, price, kw_max, min_pu, **more):
    """A generator: fuel price, input limit, minimum as a share of it, fields of the converter."""
    return {"name": name, "price": price, "kw_max": kw_max, "min_pu": min_pu, "more": more}


ON = {"on_now": True, "since_s": DAY_S}
OFF = {"on_now": False, "since_s": DAY_S}

PEAKS = [4000, 6000, 5000, 800]
DIP = [4000, 800, 5000, 3000]
LATE = [3000, 800, 3000, 8000]

CASES = {
    "1_minimum_load": (PEAKS, [unit("coal", 20, 10000, 0.3, **ON), unit("gas", 70, 1000, 0.1, **ON)]),
    "2_minimum_up_time": (
        DIP,
        [unit("coal", 20, 10000, 0.3, **ON), unit("gas", 70, 1000, 0.1, **OFF, min_up_s=3 * HOUR_S)],
    ),
    "3_already_up": (
        DIP,
        [
            unit("coal", 20, 10000, 0.3, **ON),
            unit("gas", 70, 1000, 0.1, on_now=True, since_s=HOUR_S, min_up_s=4 * HOUR_S),
        ],
    ),
    "4_minimum_down_time": (
        LATE,
        [unit("coal", 20, 10000, 0.3, **ON, min_down_s=2 * HOUR_S), unit("gas", 70, 4000, 0.1, **ON)],
    ),
    "5_already_down": (
        LATE,
        [
            unit("coal", 20, 10000, 0.3, on_now=False, since_s=2 * HOUR_S, min_down_s=3 * HOUR_S),
            unit("gas", 70, 4000, 0.1, **ON),
        ],
    ),
    "6_start_cost": (
        PEAKS,
        [unit("coal", 20, 10000, 0.1, **OFF, start_yuan=3000), unit("gas", 70, 10000, 0, **ON, start_yuan=1000)],
    ),
    "7_stop_cost": (
        PEAKS,
        [unit("coal", 20, 10000, 0.3, **ON, stop_yuan=1000), unit("gas", 70, 1000, 0.1, **ON, stop_yuan=1000)],
    ),
    "8_fuel_and_wind": (
        [4000, 6000, 800, 5000],
        [unit("plant", 10, 12000, 0.1, **OFF, out_gain=0.5, min_up_s=3 * HOUR_S, start_yuan=3333)],
    ),
}


def convert(name, load_kw, units):
    buses = {"electricity": "electricity", **{f"fuel {u['name']}": "other" for u in units}}
    question = pf.problem(f"PyPSA unit commitment, case {name}", [HOUR_S] * len(load_kw), buses)
    question["loads"] = [{"name": "load", "bus": "electricity", "draw_kw": load_kw}]
    question["sources"] = [
        {"name": f"supply {u['name']}", "bus": f"fuel {u['name']}", "available_kw": 1e5, "yuan_per_kwh": u["price"]}
        for u in units
    ]
    if name == "8_fuel_and_wind":
        question["sources"].append({"name": "wind", "bus": "electricity", "available_kw": 800})
    question["converters"] = [
        {
            "name": u["name"],
            "bus_in": f"fuel {u['name']}",
            "out_bus": "electricity",
            "out_gain": 1,
            "in_kw_max": u["kw_max"],
            "in_kw_min": u["kw_max"] * u["min_pu"],
            **u["more"],
        }
        for u in units
    ]
    return question


def main():
    args = pf.arguments(__doc__.split("\n")[0])
    for name, (load_kw, units) in CASES.items():
        pf.write(args.out, name, convert(name, load_kw, units))


if __name__ == "__main__":
    main()
