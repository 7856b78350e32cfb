#!/usr/bin/env python3
"""Seven requests to evcc's optimizer as problems of Kilnwatt.

    tests/golden/convert_evcc.py FOLDER tests/golden/problems/evcc

Source: evcc-io/optimizer (GitHub) at a50b33da38e5ee46c23ec744cd72fcff8b3b3c3d, test_cases/*.json,
MIT licence, Copyright (c) 2025 andig. Read from FOLDER/cases; the stored responses are left out.

What changes: W and Wh become kW and kWh, energies per step become mean powers, prices per Wh
prices per kWh. PV is a fixed source, the household a load. A battery is a storage with evcc's
efficiencies, its limits of charging and content, its least charging power, the value p_a of what
is left at the end, and a target for each goal. p_max_exp is the limit of export. Of the strategies
only the attenuation of peaks is more than a tie-break: it becomes evcc's own price of the largest
import (demand charge above 0 kW) or export, a thousandth of the largest price per kW.

evcc maximises J = export revenue - import cost + p_a (final - initial content); the sum of the
terms energy, export and terminal of our cost is therefore -J - p_a * initial content.

A problem has no rule like discharge_to_grid = false; where a battery can discharge, what it holds
must be worth more than any export (checked below), so that no optimum does it. For
charge_from_grid = false the expected import of 0 is among the checks.
"""

import json

import problem_file as pf

WH = 1e-3
GRID_KW = 1000
PEAK_PU = 1e-3
PEAKS = {
    "attenuate_demand_peaks": ("demand_over_yuan_per_kw",),
    "attenuate_feedin_peaks": ("export_peak_yuan_per_kw",),
    "attenuate_grid_peaks": ("demand_over_yuan_per_kw", "export_peak_yuan_per_kw"),
}


def battery(index, b, request):
    price_out = max(request["time_series"]["p_E"]) * request["eta_d"]
    if b["d_max"] > 0 and not b.get("discharge_to_grid", False) and price_out >= b["p_a"]:
        raise SystemExit(f"battery {index} could be emptied into the grid")
    return {
        "name": f"battery {index}",
        "bus_in": "electricity",
        "bus_out": "electricity",
        "charge_kw_max": b["c_max"] * WH,
        "charge_kw_min": b["c_min"] * WH,
        "discharge_kw_max": b["d_max"] * WH,
        "energy_kwh_min": b["s_min"] * WH,
        "energy_kwh_max": b["s_max"] * WH,
        "energy_start_kwh": b["s_initial"] * WH,
        "charge_pu": request["eta_c"],
        "discharge_pu": request["eta_d"],
        "terminal_yuan_per_kwh": pf.tidy(b["p_a"] / WH),
        "exclusive": True,
    }


def targets(batteries):
    return [
        {"storage": f"battery {i}", "step": t, "energy_kwh_min": goal * WH}
        for i, b in enumerate(batteries)
        for t, goal in enumerate(b.get("s_goal", []))
        if goal > 0
    ]


def convert(name, request):
    ts = request["time_series"]
    hours = [s / 3600 for s in ts["dt"]]
    question = pf.problem(f"evcc {name}", ts["dt"], {"electricity": "electricity"})

    def mean_kw(key):
        return pf.series(wh * WH / h for wh, h in zip(ts[key], hours))

    def price(key):
        return pf.series(p / WH for p in ts[key])

    question["grid"] = {
        "bus": "electricity",
        "import_kw_max": GRID_KW,
        "export_kw_max": request["grid"].get("p_max_exp", GRID_KW / WH) * WH if "grid" in request else GRID_KW,
        "import_yuan_per_kwh": price("p_N"),
        "export_yuan_per_kwh": price("p_E"),
    }
    largest = max(max(ts["p_N"]), max(ts["p_E"]), max(b["p_a"] for b in request["batteries"])) / WH
    for key in PEAKS.get(request.get("strategy", {}).get("charging_strategy"), ()):
        question["grid"][key] = pf.tidy(PEAK_PU * largest)
    question["sources"] = [{"name": "pv", "bus": "electricity", "fixed": True, "available_kw": mean_kw("ft")}]
    question["loads"] = [{"name": "house", "bus": "electricity", "draw_kw": mean_kw("gt")}]
    question["storages"] = [battery(i, b, request) for i, b in enumerate(request["batteries"])]
    question["targets"] = targets(request["batteries"])
    return question


def main():
    args = pf.arguments(__doc__.split("\n")[0])
    for path in sorted((args.source / "cases").glob("*.json")):
        pf.write(args.out, path.stem, convert(path.stem, json.loads(path.read_text())["request"]))


if __name__ == "__main__":
    main()
