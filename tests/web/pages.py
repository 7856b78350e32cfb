"""What the pages that the command line writes have in common: one file without network, both languages, light and
dark, no chart empty, nothing wider than the window."""

import json
import re
import tempfile

import browser

KEYS = re.compile(r"\b(?:page|bus|layer|bill|cost|figure|bind|why|reason|change|breach|study|kpi|policy)\.[a-z_]+\b")
LIT = """[...document.querySelectorAll('[data-chart] canvas')].map((c) => { const d = c.getContext('2d')
    .getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 3; i < d.length; i += 4) n += d[i] > 60;
    return n; })"""
SERIES = """Object.fromEntries([...document.querySelectorAll('[data-chart]')]
    .map((e) => [e.dataset.chart, Number(e.dataset.series)]))"""


class Checks:
    """Prints one line per check and counts those that failed."""

    def __init__(self):
        self.failures = 0

    def __call__(self, name, good, why=""):
        self.failures += not good
        print(f"ok {name}" if good else f"not ok {name}: {why}", flush=True)

    def status(self):
        return 1 if self.failures else 0


def read(path):
    """A page's text and the numbers in it."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    return text, json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL).group(1))


def alone(check, name, text):
    links = re.findall(r"""(?:src|href)=["'][^"'#]+|@import|\bfetch\(|XMLHttpRequest|WebSocket""", text)
    check(f"{name}: nothing is loaded from elsewhere", not links, links[:3])
    left = re.findall(r"^@\S*", text, re.MULTILINE)
    check(f"{name}: nothing is left to put in", not [x for x in left if not x.startswith("@media")
                                                    and not x.startswith("@keyframes")], left)
    check(f"{name}: no module is asked for", not re.search(r"^(import|export) ", text, re.MULTILINE))


def fills(check, b, name, url, words):
    """Opens it; returns its text and how many curves each chart has."""
    b.open(url)
    check(f"{name}: the page fills", b.wait("document.body && document.body.dataset.ready === '1'"), b.console)
    shown = b.eval("document.body.innerText")
    missing = [w for w in words if w not in shown]
    check(f"{name}: says what it shows", not missing, missing)
    keys = KEYS.findall(shown)
    check(f"{name}: no key shows through", not keys, keys[:3])
    series, lit = b.eval(SERIES), b.eval(LIT)
    check(f"{name}: no chart is empty", len(lit) == len(series) and min(lit) > 1500, lit)
    return shown, series


def fits(check, b, name):
    for width in (1500, 1000, 400):
        b.size(width, 900)
        b.eval("new Promise((done) => setTimeout(done, 400))")
        wide = b.eval("document.documentElement.scrollWidth - innerWidth")
        check(f"{name}: fits into {width}", wide <= 0, wide)
    b.size(1500, 1000)
    check(f"{name}: no error in the console", not b.console, b.console)


def in_browser(check, show):
    """Calls show(browser, language) for dark in English and light in Chinese, and sees to the contrast."""
    if browser.find() is None:
        print("ok the page in a browser # skip no chromium here")
        return
    with tempfile.TemporaryDirectory() as profile:
        b = browser.Browser(profile)
        b.size(1500, 1000)
        for scheme, lang in (("dark", "en"), ("light", "zh")):
            b.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
            show(b, lang)
            low = b.low_contrast()
            check(f"text has a contrast of 4.5 to 1, {scheme}", not low, low)
        b.close()
