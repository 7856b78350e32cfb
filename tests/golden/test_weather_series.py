#!/usr/bin/env python3
"""`kilnwatt weather`: a year that a park takes, same for the same seed, with Chongqing's light."""

import csv
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile

KILNWATT = os.environ.get("KILNWATT", "build/kilnwatt")


def weather(*options):
    return subprocess.run([KILNWATT, "weather", *options], capture_output=True, text=True,
                          timeout=120)


def mean(rows, column):
    return sum(float(row[column]) for row in rows) / len(rows)


def checks():
    """Name, whether it holds, and what was seen."""
    text = weather().stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    yield ("hours_of_a_year", len(rows) == 8760, len(rows))
    yield ("times", rows[0]["time"] == "2025-01-01T00:00:00+08:00" and
          rows[-1]["time"] == "2025-12-31T23:00:00+08:00", (rows[0]["time"], rows[-1]["time"]))
    yield ("same_seed_same_file", weather("--seed", "1").stdout == text)
    yield ("other_seed_other_file", weather("--seed", "2").stdout != text)

    years = [list(csv.DictReader(io.StringIO(weather("--seed", str(s)).stdout)))
             for s in range(3, 9)]
    light = [sum(float(row["ghi_w_per_m2"]) for row in year) / 1000 for year in years]
    yield ("light_of_a_year", all(855 - 60 < kwh < 1156 + 60 for kwh in light), light)
    yield ("light_of_six_years", abs(sum(light) / 6 / 963 - 1) < 0.05, light)
    yield ("dark_at_night", all(float(row["ghi_w_per_m2"]) == 0 for row in rows
                               if row["time"][11:13] in ("00", "01", "02", "03", "22", "23")))
    noon = [float(row["ghi_w_per_m2"]) for row in rows if row["time"][11:13] in ("12", "13")]
    morning = [float(row["ghi_w_per_m2"]) for row in rows if row["time"][11:13] in ("09", "16")]
    yield ("brightest_at_13_h", sum(noon) > 1.3 * sum(morning))
    january = mean(rows[:744], "outdoor_degc")
    yield ("january_is_cold", 4 < january < 12, january)
    yield ("wind", 4 < mean(rows, "wind_m_per_s") < 6, mean(rows, "wind_m_per_s"))

    minutes = list(csv.DictReader(io.StringIO(weather("--step", "60", "--days", "2").stdout)))
    hours = [mean(minutes[i:i + 60], "ghi_w_per_m2") for i in range(0, 2880, 60)]
    worst = max(abs(a - float(b["ghi_w_per_m2"])) for a, b in zip(hours, rows))
    yield ("minutes_are_the_hours", len(minutes) == 2880 and worst < 0.2, worst)
    leap = weather("--year", "2028").stdout.splitlines()
    yield ("leap_year", len(leap) == 1 + 8784 and "2028-02-29T12" in "\n".join(leap), len(leap))

    with tempfile.TemporaryDirectory() as folder:
        park = pathlib.Path("etc/parks/small.yaml").read_text()
        pathlib.Path(folder, "chongqing.csv").write_text(text)
        block = ("weather:\n  series: chongqing.csv\n  latitude_deg: 29.40\n  longitude_deg: 105.59\n"
                 "  utc_offset_h: 8\n")
        park = re.sub(r"^weather:.*\n(?:  .*\n)+", block, park, flags=re.M)
        tariffs = pathlib.Path("etc/tariffs").resolve()
        park = park.replace("../tariffs", str(tariffs))
        path = pathlib.Path(folder, "park.yaml")
        path.write_text(park)
        done = subprocess.run([KILNWATT, "plan", str(path), "--at", "2025-07-14T00:00:00+08:00"],
                              capture_output=True, text=True, timeout=120)
        yield ("a_park_plans_with_it", done.returncode == 0 and "chongqing.csv" in park, done.stderr)

    for name, options in {"step": ["--step", "7"], "year": ["--year", "soon"], "extra": ["x"],
                          "option": ["--colour"]}.items():
        yield (f"wrong_{name}", weather(*options).returncode == 2)
    yield ("help", "examples:" in weather("--help").stdout)


missed = 0
for name, good, *seen in checks():
    missed += not good
    print(f"ok {name}" if good else f"not ok {name}: {seen}")
sys.exit(1 if missed else 0)
