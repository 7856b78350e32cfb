#!/usr/bin/env python3
"""Writes one of the ceramics park's six reference days as a problem for `kilnwatt plan --problem`.

    tests/bench/days.py DAY >day.json

DAY: SumClear, SumMed, AutCloud, WinCloud, SprClear or SprSunday

The park file asks (24 h from midnight, everything at rest); sun, wind, heat demand and the summer's
cooling are those of the day, known beforehand."""

import datetime
import json
import math
import sys

sys.dont_write_bytecode = True
import park_series  # noqa: E402

# Date, GHI in kWh/m2, sunrise and sunset in local hours.
DAYS = {
    "SumClear": ("2025-07-14", 6.5, 6.0, 20.0),
    "SumMed": ("2025-07-15", 4.7, 6.0, 20.0),
    "AutCloud": ("2025-10-13", 1.2, 6.9, 18.7),
    "WinCloud": ("2025-01-13", 0.85, 7.75, 18.2),
    "SprClear": ("2025-04-14", 6.0, 6.5, 19.3),
    "SprSunday": ("2025-04-13", 6.0, 6.5, 19.3),
}
WIND_MEAN_PU = 0.18
COOLING_KW = 450  # in July


def make(name):
    """The problem as a plain object."""
    date, ghi, rise, down = DAYS[name]
    date = datetime.date.fromisoformat(date)
    middle = [((t + 0.5) / 4 - rise) / (down - rise) for t in range(park_series.QUARTERS)]
    shape = [math.sin(math.pi * x) ** (1.2 if ghi > 3 else 1) if 0 < x < 1 else 0 for x in middle]
    sun = [4 * ghi * s / sum(shape) for s in shape]
    park = park_series.Park()
    cols = park_series.columns(park, date, sun, [WIND_MEAN_PU] * park_series.QUARTERS)
    return park_series.problem(park, date, cols, COOLING_KW if date.month == 7 else 0)


def main():
    if len(sys.argv) != 2 or sys.argv[1] not in DAYS:
        sys.exit(__doc__)
    json.dump(make(sys.argv[1]), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
