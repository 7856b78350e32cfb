#!/usr/bin/env python3
"""The page that `plan --plot` writes: one file without network, both languages, light and dark, and what it
draws is the plan."""

import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import pages

BINARY = os.environ.get("KILNWATT", "build/kilnwatt")
PARKS = {"ceramics": "etc/parks/ceramics.yaml", "small": "etc/parks/small.yaml"}
WORDS = {"zh": ["费用明细", "并网点功率与限值", "优化计划", "总费用", "为什么这样排"],
         "en": ["The bill", "Grid connection and its limits", "optimised", "total", "Why it is so"]}
check = pages.Checks()


def make(name, folder):
    """The page's path, its text and the numbers in it; `--json` gives the same plan."""
    path = os.path.join(folder, f"{name}.html")
    done = subprocess.run([BINARY, "plan", PARKS[name], "--at", "2025-07-14T00:00:00+08:00", "--work", "8000",
                           "--explain", "--compare", "rule", "--json", "--plot", path],
                          capture_output=True, text=True, check=True)
    text, data = pages.read(path)
    check(f"{name}: the page holds the plan that --json gives", data["plan"] == json.loads(done.stdout))
    return path, text, data


def balanced(name, data):
    """What is drawn upwards equals what is drawn downwards, bus by bus, step by step."""
    for bus in data["question"]["buses"]:
        for t in range(len(data["question"]["at"]) - 1):
            off = sum((1 if f["up"] else -1) * f["kw"][t] for f in bus["flows"])
            if abs(off) > 0.1:
                check(f"{name}: {bus['name']} is balanced", False, f"step {t}: {off:.3f} kW")
                return
    check(f"{name}: every bus is balanced", True)


def page(b, name, made, lang):
    path, _, data = made
    name = f"{name} {lang}"
    shown, series = pages.fills(check, b, name, f"file://{path}?lang={lang}", WORDS[lang])
    total = f"{data['plan']['objective_yuan']:,.2f}"
    check(f"{name}: the total is the plan's", total in shown, total)
    stores = [s for s in data["question"]["storages"] if s["kwh_max"] > 0]
    check(f"{name}: a curve for every storage", series.get("content") == len(stores), series)
    check(f"{name}: connection, prices and buses are drawn",
          series.get("grid", 0) >= 2 and series.get("price", 0) >= 2 and series.get("bus-0", 0) >= 4, series)
    planned = sum(o["start"] is not None and not o["started"] for o in data["question"]["orders"])
    bars = b.eval("document.querySelectorAll('#gantt rect.planned').length")
    check(f"{name}: a bar for every planned firing", bars == planned, f"{bars} of {planned}")
    reasons = b.eval("document.querySelectorAll('.reason').length")
    check(f"{name}: a reason for every asset", reasons == len(data["plan"]["explain"]["reasons"]), reasons)
    pages.fits(check, b, name)


def main():
    with tempfile.TemporaryDirectory() as folder:
        all_made = {name: make(name, folder) for name in PARKS}
        for name, (_, text, data) in all_made.items():
            pages.alone(check, name, text)
            balanced(name, data)

        def show(b, lang):
            for name, made in all_made.items():
                page(b, name, made, lang)
            if lang == "zh":
                b.eval("document.querySelector('#lang').click()")
                check("the language changes at once", b.wait("document.body.innerText.includes('The bill')"))

        pages.in_browser(check, show)
    return check.status()


if __name__ == "__main__":
    sys.exit(main())
