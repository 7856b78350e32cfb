#!/usr/bin/env python3
"""Three devices that answer not at all, byte by byte, and late: the others' poll periods stay, the
loops keep time, and the three come back by themselves."""

import pathlib
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from park_run import HostLag, ParkRun, simlib, wait_until  # noqa: E402

check = simlib.Checks()
START = "2025-07-14T10:00:00+08:00"
# late by more than the 300 ms that a device has to answer would be silence; this one just makes it
FAULTS = {"pv_b": "silent", "chiller1": "drip", "hp2": "late:250"}
SETTLE_S = 12
SAMPLES = 24
FAST_MS = {"pcc": 200, "bess1": 200, "bess2": 200}
GROWTH_PU = 0.05
LAG_US = 20000


def look(run):
    """({device: median period in ms}, worst lag in us of the loops) over some seconds."""
    periods, lag = {}, 0.0
    for _ in range(SAMPLES):
        for name, d in run.devices().items():
            periods.setdefault(name, []).append(d["link"]["period_ms"])
        lag = max(lag, run.status()["loop_lag_us"])
        time.sleep(0.25)
    return {name: sorted(p)[len(p) // 2] for name, p in periods.items()}, lag


def requests_of(run):
    return {name: d["link"]["good"] for name, d in run.devices().items()}


def rates(run, seconds):
    """{device: good answers per second} over some seconds."""
    a, began = requests_of(run), time.monotonic()
    time.sleep(seconds)
    b, took = requests_of(run), time.monotonic() - began
    return {name: (b[name] - a[name]) / took for name in a}


def main():
    with ParkRun("ceramics.yaml", "--start", START, policy="rule") as run:
        wait_until(lambda: all(d["link"]["online"] for d in run.devices().values()), 15)
        time.sleep(SETTLE_S)
        before, lag_before = look(run)
        for device, fault in FAULTS.items():
            answer = run.ask(f"inject {device} {fault}")
            check(f"silent.injected_{device}", answer == "ok 1", answer)
        time.sleep(SETTLE_S)
        host = HostLag()
        during, lag_during = look(run)
        host_us = host.stop_us()
        rate = rates(run, 5)
        others = [n for n in before if n not in FAULTS]
        # a reading of the period below the one asked for is jitter, and coming back to it no growth
        timed = [n for n in others if before[n] > 0]
        growth = {n: during[n] / max(before[n], FAST_MS.get(n, 1000)) - 1 for n in timed}
        worst = max(growth, key=growth.get)
        print(f"{len(timed)} of {len(others)} others tell a period: that of {worst} grew most, "
              f"from {before[worst]:.1f} to {during[worst]:.1f} ms ({100 * growth[worst]:+.2f} %); "
              f"loop lag {lag_before:.0f} us before, {lag_during:.0f} us during, of the machine "
              f"itself {host_us:.0f} us")
        check("silent.others_keep_their_period", growth[worst] < GROWTH_PU,
              f"{worst}: {before[worst]} to {during[worst]} ms")
        check("silent.most_tell_a_period", len(timed) > 45, f"{len(timed)} of {len(others)}")
        stopped = [n for n in others if rate[n] < (0.1 if n in timed else 0) or rate[n] == 0]
        check("silent.others_are_read", not stopped, str({n: rate[n] for n in stopped}))
        # a machine that is late with everything cannot judge: then we are not to be worse than it
        check("silent.loop_lag", lag_during < max(LAG_US, 2 * host_us), f"{lag_during} us")
        devices = run.devices()
        for device, fault in FAULTS.items():
            seen = devices[device]
            good = seen["link"]["online"] == fault.startswith("late")
            check(f"silent.seen_{device}", good, f"{fault}: {seen['quality']} {seen['link']}")
        ids = [a["id"] for a in run.get("/api/v1/alarms")["alarms"]]
        check("silent.alarm", "pv_b/offline" in ids, str(ids))
        pcc = abs(run.status()["pcc_kw"] - run.truth()["pcc_kw"])
        check("silent.pcc_still_read", pcc < 200, f"{pcc} kW beside the truth")
        run.ask("clear all")
        back = wait_until(lambda: all(d["link"]["online"] for d in run.devices().values()), 30)
        check("silent.all_back", back, str([n for n, d in run.devices().items()
                                            if not d["link"]["online"]]))
        over = run.judged()
        check("silent.limits_held", over["import_over"]["longest_s"] <= 5
              and over["export_over"]["longest_s"] <= 1, str(over["export_over"]))
    return check.done()


if __name__ == "__main__":
    sys.exit(main())
