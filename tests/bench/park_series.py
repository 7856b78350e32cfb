"""Perfect foresight for a park file: series of what its roofs, turbines, kilns and heat demand will
do on a day, as `kilnwatt plan --series` reads them, and the day's problem that comes of it."""

import csv
import datetime
import json
import os
import pathlib
import re
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PARK = ROOT / "etc/parks/ceramics.yaml"
KILNWATT = os.environ.get("KILNWATT", ROOT / "build/kilnwatt")
PERFORMANCE_PU = 0.83  # of PV, the reference park's
QUARTERS = 96

# Enercon E48/800 at 0 to 14 m/s, kW; as sim/plant_wind.c has it
TURBINE_KW = [0, 0, 0, 5, 25, 60, 110, 180, 275, 400, 555, 671, 750, 790, 810]


class Park:
    """What the series need of a park file: devices by kind, holidays, heat demand."""

    def __init__(self, path=PARK):
        text = path.read_text(encoding="utf-8")
        self.path = path
        self.devices = []
        for block in re.split(r"\n  - \{name: ", text)[1:]:
            found = re.match(r"(\w+), kind: (\w+)", block)
            if found:
                numbers = {key: float(value) for key, value in
                           re.findall(r"\b([a-z_]+): (\d+(?:\.\d+)?)[,}\s]", block)}
                follows = re.search(r"follows: (\w+)", block)
                self.devices.append({"name": found[1], "kind": found[2],
                                     "follows": follows and follows[1], **numbers})
        self.holidays = [(datetime.date.fromisoformat(a), datetime.date.fromisoformat(b))
                         for a, b in re.findall(r"- (\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)", text)]

    def of(self, kind):
        return [d for d in self.devices if d["kind"] == kind]

    def works(self, date):
        return date.weekday() != 6 and not any(a <= date <= b for a, b in self.holidays)


def wind_pu(metres_per_s):
    """Power curve between its points, over the rating."""
    at = min(max(metres_per_s, 0), len(TURBINE_KW) - 1)
    low = min(int(at), len(TURBINE_KW) - 2)
    kw = TURBINE_KW[low] + (at - low) * (TURBINE_KW[low + 1] - TURBINE_KW[low])
    return kw / TURBINE_KW[-1]


def heat_kw(park, date, hour):
    """Hot water: the park's schedule with its season, reference table of the ceramics park."""
    if not park.works(date):
        return 700
    season = 300 if date.month in (12, 1, 2) else -200 if date.month in (6, 7, 8) else 0
    return (1900 if 6 <= hour < 22 else 1300) + season


def columns(park, date, ghi, wind):
    """Rows by column name for one day; ghi in kW/m2 and wind in per unit, a value per quarter."""
    out, works = {}, park.works(date)
    for d in park.of("pv"):
        kw = d["dc_kwp"] * PERFORMANCE_PU
        out[f"{d['name']}.available_kw"] = [min(kw * g, d["rated_kw"]) for g in ghi]
    for d in park.of("wind"):
        out[f"{d['name']}.available_kw"] = [d["rated_kw"] * w for w in wind]
    draw = {"k13": 90.0}  # the gas kiln's fans
    for d in park.of("roller_kiln"):
        draw[d["name"]] = d["steady_kw"] if works else d["keep_kw"]
        out[f"load.{d['name']}_kw"] = [draw[d["name"]]] * QUARTERS
    for d in park.of("waste_heat"):
        kw = min(draw[d["follows"]] * d["follow_pu"], d["rated_heat_kw"])
        out[f"load.{d['name']}_kw"] = [kw] * QUARTERS
    out["heat.hot_water_kw"] = [heat_kw(park, date, t / 4) for t in range(QUARTERS)]
    return out


def write_series(path, date, cols):
    with open(path, "w", newline="", encoding="utf-8") as to:
        rows = csv.writer(to)
        rows.writerow(["time", *cols])
        for t in range(QUARTERS):
            at = f"{date}T{t // 4:02d}:{t % 4 * 15:02d}:00+08:00"
            rows.writerow([at, *(f"{values[t]:.3f}" for values in cols.values())])


def plan(*arguments):
    """Runs `kilnwatt plan`; its CompletedProcess."""
    return subprocess.run([KILNWATT, "plan", *map(str, arguments)], capture_output=True, text=True,
                          check=False)


def problem(park, date, cols, cooling_kw=0):
    """The park's question for a day from midnight, stores to be left as they were found, so that
    days can be compared; cooling_kw comes on top of the base load from 10 to 19 h."""
    with tempfile.TemporaryDirectory() as scratch:
        series, out = pathlib.Path(scratch, "series.csv"), pathlib.Path(scratch, "day.json")
        write_series(series, date, cols)
        done = plan(park.path, "--at", date, "--hours", 24, "--series", series, "--policy", "rule",
                    "--export-problem", out)
        if done.returncode != 0:
            raise SystemExit(done.stderr)
        question = json.loads(out.read_text(encoding="utf-8"))
    for storage in question["storages"]:
        storage["end_kwh_min"] = storage["energy_start_kwh"]
        storage["terminal_yuan_per_kwh"] = 0
    base = next(load for load in question["loads"] if load["name"] == "base")
    base["draw_kw"] = [kw + (cooling_kw if 40 <= t < 76 else 0)
                       for t, kw in enumerate(base["draw_kw"])]
    return question


def weather_year(year, seed, ghi_kwh_per_m2, wind_mean_pu):
    """By date: GHI in kW/m2 and wind in per unit of a turbine, a value per quarter, of a year of
    `kilnwatt weather`. The year's light is brought to ghi_kwh_per_m2; the wind's speed, which is
    that of a mast, by one factor to where the turbines' mean power is wind_mean_pu (each 0: as
    generated)."""
    made = subprocess.run([KILNWATT, "weather", "--year", str(year), "--seed", str(seed), "--step",
                           "900"], capture_output=True, text=True, check=True)
    rows = list(csv.DictReader(made.stdout.splitlines()))
    speed = [float(row["wind_m_per_s"]) for row in rows]
    light = [float(row["ghi_w_per_m2"]) / 1000 for row in rows]
    scale = ghi_kwh_per_m2 / (sum(light) / 4) if ghi_kwh_per_m2 > 0 else 1
    factor = mast_factor(speed, wind_mean_pu) if wind_mean_pu > 0 else 1
    days = {}
    for row, ghi, metres_per_s in zip(rows, light, speed):
        sun, wind = days.setdefault(datetime.date.fromisoformat(row["time"][:10]), ([], []))
        sun.append(scale * ghi)
        wind.append(wind_pu(factor * metres_per_s))
    return days


def mast_factor(speed, mean_pu):
    """What wind is to be multiplied by for a turbine's mean to be mean_pu; by bisection."""
    low, high = 0.1, 4.0
    for _ in range(40):
        middle = (low + high) / 2
        more = sum(wind_pu(middle * v) for v in speed) < mean_pu * len(speed)
        low, high = (middle, high) if more else (low, middle)
    return low
