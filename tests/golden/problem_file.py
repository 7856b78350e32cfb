"""What the converters share: a problem as `kilnwatt plan --problem` reads it, and the file.

Units of a problem are kW, kWh, s and one currency; a series is a list with one value per step, or
a plain number when it is the same in all of them.
"""

import argparse
import json
import pathlib


def problem(name, steps_s, buses):
    """An empty question; tables are added under their names."""
    return {
        "version": 1,
        "about": name,
        "start_ms": 0,
        "step_s": list(steps_s),
        "buses": [{"name": b, "kind": k} if isinstance(k, str) else {"name": b, **k} for b, k in buses.items()],
    }


def series(values):
    """One number where all values are the same."""
    values = [tidy(v) for v in values]
    return values[0] if len(set(values)) == 1 else values


def tidy(value):
    """Without the dust of the conversion: 12 digits, whole numbers without a point."""
    value = float(f"{value:.12g}")
    return int(value) if value == int(value) else value


def arguments(description):
    """Where a converter reads and writes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("source", type=pathlib.Path, help="folder of the source data")
    parser.add_argument("out", type=pathlib.Path, help="folder for the problem files")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    return args


def write(folder, name, question):
    """Compact, one line, keys as given."""
    text = json.dumps(question, separators=(",", ":"))
    (folder / f"{name}.json").write_text(text + "\n")
