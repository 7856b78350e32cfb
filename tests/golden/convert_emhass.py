#!/usr/bin/env python3
"""Sixteen days of EMHASS's stored results as problems of Kilnwatt.

    tests/golden/convert_emhass.py FOLDER tests/golden/problems/emhass

Source: davidusb-geek/emhass (GitHub) at d4928d80f5a1e3d1ad39783f54e4a36e9f7ebcaa,
data/opt_res_perfect_optim_profit.csv and ..._self-consumption.csv (here feb2022.csv and
may2022.csv, columns renamed, kW), MIT licence, Copyright (c) 2021-2026 David HERNANDEZ TORRES.

What changes: each window of 48 half-hours from the first row is a problem. The two deferrable
loads become interruptible energy jobs whose draw is all or nothing: 3.0 kW for 5.0 h in total,
0.75 kW for 8.0 h. PV is a fixed source (nothing is curtailed), the rest a load; the grid buys and
sells without a limit. Euro stand where the problem says yuan. EMHASS's own schedule is left out.
"""

import csv

import problem_file as pf

STEP_S = 1800
WINDOW = 48
GRID_KW = 100


def job(name, kw, hours):
    return {
        "name": name,
        "bus": "electricity",
        "from_step": 0,
        "to_step": WINDOW,
        "energy_kwh": kw * hours,
        "draw_kw_max": kw,
        "draw_kw_min": kw,
    }


def convert(name, rows):
    def column(key):
        return pf.series(float(r[key]) for r in rows)

    question = pf.problem(f"EMHASS {name}", [STEP_S] * WINDOW, {"electricity": "electricity"})
    question["grid"] = {
        "bus": "electricity",
        "import_kw_max": GRID_KW,
        "export_kw_max": GRID_KW,
        "import_yuan_per_kwh": column("import_price_eur_per_kwh"),
        "export_yuan_per_kwh": column("export_price_eur_per_kwh"),
    }
    question["sources"] = [{"name": "pv", "bus": "electricity", "fixed": True, "available_kw": column("pv_kw")}]
    question["loads"] = [{"name": "house", "bus": "electricity", "draw_kw": column("load_kw")}]
    question["jobs"] = [job("load A", 3.0, 5.0), job("load B", 0.75, 8.0)]
    return question


def main():
    args = pf.arguments(__doc__.split("\n")[0])
    for month in ("feb2022", "may2022"):
        with open(args.source / f"{month}.csv", newline="") as f:
            rows = list(csv.DictReader(f))
        for k in range(len(rows) // WINDOW):
            name = f"{month}_{k + 1}"
            pf.write(args.out, name, convert(name, rows[k * WINDOW : (k + 1) * WINDOW]))


if __name__ == "__main__":
    main()
