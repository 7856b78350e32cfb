#!/usr/bin/env python3
"""The dashboard in a real browser, in both languages, against a park that only talks."""

import os
import re
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import browser
import fake_park as fp

START_MS = 1752471600000  # 2025-07-14T13:40+08:00
ASSETS = os.path.join("controller", "web", "assets")
failures = 0


def check(name, good, why=""):
    global failures
    failures += not good
    print(f"ok {name}" if good else f"not ok {name}: {why}", flush=True)


def source(name):
    with open(os.path.join(ASSETS, name), encoding="utf-8") as f:
        return f.read()


def catalogue():
    """Every key that is used exists, in both languages, and with the same places to fill."""
    texts = source("i18n.js") + source("i18n_study.js")
    rows = dict((k, (zh, en)) for k, zh, en in re.findall(
        r'^    "([a-z0-9_.]+)": \["((?:[^"\\]|\\.)+)",\s+"((?:[^"\\]|\\.)+)"\],$', texts, re.MULTILINE))
    lines = len(re.findall(r'^    "[a-z0-9_.]+":', texts, re.MULTILINE))
    check("every row of the catalogue has two texts", lines == len(rows) > 100, f"{lines} {len(rows)}")
    odd = [k for k, (zh, en) in rows.items() if sorted(re.findall(r"\{\d\}", zh)) != sorted(re.findall(r"\{\d\}", en))]
    check("both languages fill the same places", not odd, odd)
    same = [k for k, (zh, en) in rows.items() if zh == en]
    check("no row says the same twice", not same, same)
    scripts = "".join(source(f) for f in os.listdir(ASSETS) if f.endswith(".js"))
    pages = source("index.html") + source("plan.html") + source("study.html")
    used = set(re.findall(r'data-i18n="([^"]+)"', pages)) | set(re.findall(r'\bt\("([a-z0-9_.]+)"', scripts))
    check("every text that is used is in it", used <= set(rows), used - set(rows))
    mentioned = scripts + pages
    idle = [k for k in rows if f'"{k}"' not in re.sub(r'^    "[^\n]*\],$', "", mentioned, flags=re.MULTILINE) and
            not re.search(rf'["`]{k.rsplit(".", 1)[0]}[.$"`]', mentioned)]
    check("nothing in it is idle", not idle, idle)
    for name in ("index.html", "plan.html", "study.html", "style.css", "plan.css", "study.css"):
        check(f"{name} loads nothing from elsewhere", not re.search(r"https?://|//[a-z]+\.", source(name)))


def page(park, b, lang, words):
    b.open(f"{park.url}/?lang={lang}")
    check(f"{lang}: the page fills", b.wait("document.body && document.body.dataset.ready === '1'"), b.console)
    time.sleep(1)
    shown = b.eval("document.body.innerText")
    for w in words:
        check(f"{lang}: shows {w}", w in shown, shown[:400])
    check(f"{lang}: no key shows through", not re.search(r"\b(pcc|mix|plan|flow|node|dr|alarms|devices|what)\.[a-z_]+\b",
                                                       re.sub(r"\w+=\S+", "", shown)), shown[:300])
    count = b.eval("[...document.querySelectorAll('#devices tbody tr')].length")
    check(f"{lang}: all devices are listed", count == len(park.devices), count)
    check(f"{lang}: nodes of the power flow", b.eval("document.querySelectorAll('.node').length") == 9)
    check(f"{lang}: kilns of the schedule", b.eval("document.querySelectorAll('#gantt rect.planned').length") >= 5)
    for chart in ("pcc", "mix", "soc"):
        lit = b.eval(f"(() => {{ const c = document.querySelector('#chart-{chart} canvas'); const d = c.getContext('2d')"
                     ".getImageData(0, 0, c.width, c.height).data; let n = 0; for (let i = 3; i < d.length; i += 4)"
                     " n += d[i] > 60; return n; })()")
        check(f"{lang}: the {chart} chart is drawn", lit > 1500, lit)
    wide = b.eval("document.documentElement.scrollWidth - innerWidth")
    check(f"{lang}: nothing sticks out at the side", wide <= 0, wide)
    check(f"{lang}: no error in the console", not b.console, b.console)


def acts(park, b):
    """A person triggers and cancels an event, acknowledges an alarm, changes the language."""
    b.eval("document.querySelector('#dr-form button').click()")
    check("the token is asked for", b.wait("document.querySelector('#token-dialog').open"))
    b.eval(f"document.querySelector('#token-input').value = '{park.token()}';"
           "document.querySelector('#token-dialog button[value=ok]').click()")
    check("the event shows", b.wait("document.querySelector('#dr-list').innerText.includes('dr-3')"), park.commands)
    check("park got the command", park.commands and park.commands[-1].type == 0 and park.commands[-1].dr.kw == 500)
    b.eval("document.querySelector('#dr-list .item button').click()")
    check("it can be cancelled without another token",
          b.wait("document.querySelector('#dr-list').innerText.includes('cancelled')"), b.console)
    b.eval("document.querySelector('#alarms button').click()")
    check("an alarm is acknowledged", b.wait("document.querySelector('#alarm-count').hidden"), b.console)
    b.eval("document.querySelector('#lang').click()")
    check("the language changes at once", b.wait("document.querySelector('#flow').innerText.includes('储能')"))
    b.open(park.url + "/")
    check("and is remembered", b.wait("document.body.dataset.ready && document.documentElement.lang === 'zh-CN'"))


def stale(park, b):
    park.speaking = False
    check("a stopped stream is shown", b.wait("document.body.classList.contains('stale') && "
                                              "!document.querySelector('#stale').hidden", 8))
    park.speak()
    check("and its return", b.wait("!document.body.classList.contains('stale')", 8))


def sizes(park, b):
    for width, height in ((1920, 1080), (1180, 820), (820, 1180), (400, 800)):
        b.size(width, height)
        time.sleep(0.5)
        wide = b.eval("document.documentElement.scrollWidth - innerWidth")
        check(f"fits into {width} x {height}", wide <= 0, wide)


def main():
    catalogue()
    if browser.find() is None:
        print("ok the page in a browser # skip no chromium here")
        return 1 if failures else 0
    binary = os.environ.get("KILNWATT", "build/kilnwatt")
    with tempfile.TemporaryDirectory() as state, tempfile.TemporaryDirectory() as profile:
        park = fp.FakePark(os.path.abspath(binary), "etc/parks/ceramics.yaml", state, START_MS)
        park.wait_ready()
        now = park.now_ms()
        nan = float("nan")
        park.make_orders()
        park.tell_history()
        park.faults = {"hp2": fp.STALE}
        park.alarms = [fp.Alarm(now - 400000, 1, 0, b"hp2", b"offline", b"no answer")]
        park.dr = [fp.Dr(b"dr-1", 4, 0, 600, 3900, 3300, 588, now - 18000000, now - 14400000, now, b"cq", b"a", b""),
                   fp.Dr(b"dr-2", 5, 1, 500, nan, nan, nan, now + 9000000, now + 12600000, now, b"cq", b"a", b"")]
        park.tell_live()
        park.tell_once()
        park.speak()
        b = browser.Browser(profile)
        b.size(1920, 1080)
        page(park, b, "zh", ["渝西绿色陶瓷产业园", "并网正常", "储能", "2号热泵", "通信中断", "本月目标 4,116 kW", "优化计划"])
        page(park, b, "en", ["Yuxi Green Ceramics Park", "normal", "Battery", "heat pump 2", "offline",
                             "month's target 4,116 kW", "optimised"])
        low = b.low_contrast()
        check("text has a contrast of 4.5 to 1", not low, low)
        acts(park, b)
        stale(park, b)
        sizes(park, b)
        check("no error in the console at the end", not b.console, b.console)
        b.close()
        codes = park.close()
        check("both roles end in good order", codes == [0, 0], codes)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
