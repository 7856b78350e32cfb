#!/usr/bin/env python3
"""The page that `study --report` writes: one file without network, both languages, light and dark, and what it draws
is what the runs did."""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import pages

BINARY = os.environ.get("KILNWATT", "build/kilnwatt")
WORDS = {"zh": ["各方案对比", "累计费用", "并网点功率与限值", "弃光弃风", "无控制", "规则", "储能荷电状态", "窗口内", "下网电价"],
         "en": ["Side by side", "Cost so far", "Grid connection and its limits", "Curtailed", "no control", "rules",
                "storage content", "in its window", "Import price"]}
check = pages.Checks()


def make(folder):
    """A working day of the reference park, with its firings: nobody, and the rules."""
    path = os.path.join(folder, "study.html")
    subprocess.run([BINARY, "study", "etc/parks/ceramics.yaml", "--policy", "none,rule", "--report", path],
                   capture_output=True, text=True, check=True)
    return path, *pages.read(path)


def true_to_the_runs(data):
    """Up equals down at each moment, energies and costs are the referee's."""
    at = data["park"]["at"]
    for run, trace in zip(data["runs"], data["traces"]):
        who, kpi = run["policy"], run["kpi"]
        kw = {layer["name"]: layer["kw"] for layer in trace["layers"]}
        ups = [layer["name"] for layer in trace["layers"] if layer["up"]]
        off = max(abs(sum(v[i] if k in ups else -v[i] for k, v in kw.items())) for i in range(len(at) - 1))
        check(f"{who}: the bus is balanced", off < 0.7, off)  # a dozen layers, each to 0.1 kW
        for key, layer in (("import_kwh", "import"), ("pv_kwh", "pv"), ("chp_kwh", "chp")):
            kwh = sum(x * (b - a) / 3600 for x, a, b in zip(kw[layer], at, at[1:]))
            check(f"{who}: {key} is what the referee counted", abs(kwh - kpi[key]) < 0.05 * (at[-1] - at[0]) / 3600,
                  f"{kwh} {kpi[key]}")
        check(f"{who}: the cost ends at the bill", abs(trace["cost_yuan"][-1] - kpi["cost_yuan"]) < 0.01)
    check("as many points as intervals", all(len(t["cost_yuan"]) == len(at) - 1 for t in data["traces"]))


def page(b, path, data, lang):
    shown, series = pages.fills(check, b, lang, f"file://{path}?lang={lang}", WORDS[lang])
    figures = [f"{run['kpi']['cost_yuan']:,.0f}" for run in data["runs"]]
    check(f"{lang}: the bills are the runs'", all(f in shown for f in figures), figures)
    check(f"{lang}: a curve of cost for every run", series["cost"] == len(data["runs"]), series)
    check(f"{lang}: the connection of every run with its limits", series["pcc"] >= len(data["runs"]) + 4, series)
    for i, run in enumerate(data["runs"]):
        b.eval(f"document.querySelectorAll('#runs button')[{i}].click()")
        stores = b.eval("Number(document.querySelector('[data-chart=content]').dataset.series)")
        check(f"{lang} {run['policy']}: a curve for every storage", stores == len(data["traces"][i]["stores"]), stores)
        bars = b.eval("document.querySelectorAll('#gantt rect').length")
        check(f"{lang} {run['policy']}: a bar for every firing", bars == len(run["firings"]), bars)
        rows = b.eval("document.querySelectorAll('#breaches tbody tr').length")
        check(f"{lang} {run['policy']}: a row for every breach", rows == len(run["breaches"]), rows)
    pages.fits(check, b, lang)


def main():
    with tempfile.TemporaryDirectory() as folder:
        path, text, data = make(folder)
        pages.alone(check, "study", text)
        true_to_the_runs(data)
        pages.in_browser(check, lambda b, lang: page(b, path, data, lang))
    return check.status()


if __name__ == "__main__":
    sys.exit(main())
