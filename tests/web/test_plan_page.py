#!/usr/bin/env python3
"""The page that `plan --plot` writes: one file without network, both languages, light and dark, and what it
draws is the plan."""

import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import browser

BINARY = os.environ.get("KILNWATT", "build/kilnwatt")
PARKS = {"ceramics": "etc/parks/ceramics.yaml", "small": "etc/parks/small.yaml"}
WORDS = {"zh": ["费用明细", "并网点功率与限值", "优化计划", "总费用", "为什么这样排"],
         "en": ["The bill", "Grid connection and its limits", "optimised", "total", "Why it is so"]}
failures = 0


def check(name, good, why=""):
    global failures
    failures += not good
    print(f"ok {name}" if good else f"not ok {name}: {why}", flush=True)


def make(name, folder):
    """The page's path, its text and the numbers in it; `--json` gives the same plan."""
    path = os.path.join(folder, f"{name}.html")
    done = subprocess.run([BINARY, "plan", PARKS[name], "--at", "2025-07-14T00:00:00+08:00", "--work", "8000",
                           "--explain", "--compare", "rule", "--json", "--plot", path],
                          capture_output=True, text=True, check=True)
    with open(path, encoding="utf-8") as f:
        text = f.read()
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL).group(1))
    check(f"{name}: the page holds the plan that --json gives", data["plan"] == json.loads(done.stdout))
    return path, text, data


def alone(name, text):
    links = re.findall(r"""(?:src|href)=["'][^"'#]+|@import|\bfetch\(|XMLHttpRequest|WebSocket""", text)
    check(f"{name}: nothing is loaded from elsewhere", not links, links[:3])
    left = re.findall(r"^@\S*", text, re.MULTILINE)
    check(f"{name}: nothing is left to put in", not [x for x in left if not x.startswith("@media")
                                                    and not x.startswith("@keyframes")], left)
    check(f"{name}: no module is asked for", not re.search(r"^(import|export) ", text, re.MULTILINE))


def balanced(name, data):
    """What is drawn upwards equals what is drawn downwards, bus by bus, step by step."""
    for bus in data["question"]["buses"]:
        for t in range(len(data["question"]["at"]) - 1):
            off = sum((1 if f["up"] else -1) * f["kw"][t] for f in bus["flows"])
            if abs(off) > 0.1:
                check(f"{name}: {bus['name']} is balanced", False, f"step {t}: {off:.3f} kW")
                return
    check(f"{name}: every bus is balanced", True)


def page(b, name, path, data, lang):
    b.open(f"file://{path}?lang={lang}")
    check(f"{name} {lang}: the page fills", b.wait("document.body && document.body.dataset.ready === '1'"), b.console)
    shown = b.eval("document.body.innerText")
    missing = [w for w in WORDS[lang] if w not in shown]
    check(f"{name} {lang}: says what it shows", not missing, missing)
    keys = re.findall(r"\b(?:page|bus|layer|bill|cost|figure|bind|why|reason|change|breach)\.[a-z_]+\b", shown)
    check(f"{name} {lang}: no key shows through", not keys, keys[:3])
    total = f"{data['plan']['objective_yuan']:,.2f}"
    check(f"{name} {lang}: the total is the plan's", total in shown, total)
    series = b.eval("Object.fromEntries([...document.querySelectorAll('[data-chart]')]"
                    ".map((e) => [e.dataset.chart, Number(e.dataset.series)]))")
    stores = [s for s in data["question"]["storages"] if s["kwh_max"] > 0]
    check(f"{name} {lang}: a curve for every storage", series.get("content") == len(stores), series)
    check(f"{name} {lang}: connection, prices and buses are drawn",
          series.get("grid", 0) >= 2 and series.get("price", 0) >= 2 and series.get("bus-0", 0) >= 4, series)
    lit = b.eval("""[...document.querySelectorAll('[data-chart] canvas')].map((c) => { const d = c.getContext('2d')
        .getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 60;
        return n; })""")
    check(f"{name} {lang}: no chart is empty", len(lit) == len(series) and min(lit) > 1500, lit)
    planned = sum(o["start"] is not None and not o["started"] for o in data["question"]["orders"])
    bars = b.eval("document.querySelectorAll('#gantt rect.planned').length")
    check(f"{name} {lang}: a bar for every planned firing", bars == planned, f"{bars} of {planned}")
    reasons = b.eval("document.querySelectorAll('.reason').length")
    check(f"{name} {lang}: a reason for every asset", reasons == len(data["plan"]["explain"]["reasons"]), reasons)
    for width in (1500, 1000, 400):
        b.size(width, 900)
        b.eval("new Promise((done) => setTimeout(done, 400))")
        wide = b.eval("document.documentElement.scrollWidth - innerWidth")
        check(f"{name} {lang}: fits into {width}", wide <= 0, wide)
    b.size(1500, 1000)
    check(f"{name} {lang}: no error in the console", not b.console, b.console)


def main():
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as profile:
        pages = {name: make(name, folder) for name in PARKS}
        for name, (path, text, data) in pages.items():
            alone(name, text)
            balanced(name, data)
        if browser.find() is None:
            print("ok the page in a browser # skip no chromium here")
            return 1 if failures else 0
        b = browser.Browser(profile)
        b.size(1500, 1000)
        for name, (path, text, data) in pages.items():
            for scheme, lang in (("dark", "en"), ("light", "zh")):
                b.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
                page(b, name, path, data, lang)
                low = b.low_contrast()
                check(f"{name}: text has a contrast of 4.5 to 1, {scheme}", not low, low)
        b.eval("document.querySelector('#lang').click()")
        check("the language changes at once", b.wait("document.body.innerText.includes('The bill')"))
        b.close()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
