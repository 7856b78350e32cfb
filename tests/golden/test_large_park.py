#!/usr/bin/env python3
"""The very large park: the file is what its generator prints, is valid, and has the devices of each class."""

import collections
import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("KILNWATT", str(TOP / "build/kilnwatt"))
CLASSES = {"pv": 60, "wind": 6, "battery": 20, "chp": 5, "waste_heat": 4, "gas_boiler": 8,
           "storage_boiler": 6, "heat_pump": 12, "tank": 6, "roller_kiln": 24, "kiln": 40,
           "mill": 20, "charger": 120, "load": 4 + 130 + 64, "transformer": 12, "meter": 2,
           "weather": 1}
bad = 0


def check(name, good, why):
    global bad
    print(f"ok {name}" if good else f"not ok {name}: {why}", flush=True)
    bad += not good


def main():
    path = TOP / "etc/parks/large.yaml"
    text = path.read_text()
    made = subprocess.run([sys.executable, TOP / "etc/parks/large.py"], check=True,
                          capture_output=True, text=True).stdout
    check("large.as_generated", made == text, "run etc/parks/large.py >etc/parks/large.yaml")
    kinds = collections.Counter(re.findall(r"kind: (\w+)", text))
    check("large.classes", kinds == CLASSES, f"{kinds}")
    check("large.544_devices", sum(kinds.values()) == 544, f"{sum(kinds.values())}")
    places = re.findall(r"port: (\d+), unit: (\d+)", text)
    check("large.places", len(set(places)) == len(places), "two devices at one place")
    files = [path, TOP / "etc/tariffs/chongqing-110kv-2part.yaml"]
    out = subprocess.run([BINARY, "check", *files], capture_output=True, text=True, check=False)
    check("large.valid", out.returncode == 0, out.stderr + out.stdout)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
