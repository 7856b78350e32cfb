#!/usr/bin/env python3
"""kill -9 of each role in turn: back in 2 s, the park's limits hold, the demand-response event and
the plan survive. Then kill -9 of all of them while the battery discharges at full power: the plant
comes to its safe state by its own means."""

import os
import pathlib
import re
import signal
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from park_run import ROLES, ParkRun, Recorder, longest_above_s, simlib, wait_until  # noqa: E402

check = simlib.Checks()
BACK_S = 2
PLAN_S = 60
CAP_KW = 250  # of the event; below what the park would draw, so that the battery has to work
HAND_KW = 40  # of the heat pump, by hand
LEASE_S = 15  # of the battery: lease in the controller, watchdog in the converter
SAFE_S = 15 + 20  # lease and watchdog of the battery, and 20 s


def plan_of(run):
    """(when it was made, first step) or None."""
    status, _, _ = run.request("GET", "/api/v1/plan")
    if status != 200:
        return None
    return run.get("/api/v1/plan")["steps"][0]["start"]


def kill_role(run, role):
    """Kills it; returns the seconds until another process has its place and the park is shown."""
    pid = run.roles()[role]
    os.kill(pid, signal.SIGKILL)
    began = time.monotonic()

    def back():
        try:
            return run.roles().get(role, pid) != pid and run.status().get("fresh")
        except OSError:
            return False

    return time.monotonic() - began if wait_until(back, 10) else None


def check_kept(run, role, before):
    """What was known before the kill is known after it."""
    plan_before, event_before, ticks = before

    def kept():
        try:
            event = run.event("kept")
            return event.get("state") == "active" and event["end"] == event_before["end"] \
                and abs(event["cap_kw"] - event_before["cap_kw"]) < 0.01
        except (OSError, KeyError):
            return False

    survived = wait_until(kept, 3)
    check(f"kill.{role}_event_survives", survived, str(run.get("/api/v1/dr/events"))[:300])
    planned = wait_until(lambda: plan_of(run) is not None, 3)
    check(f"kill.{role}_plan_survives", planned and plan_of(run) >= plan_before,
          f"{plan_of(run)} after {plan_before}")
    by_hand = wait_until(lambda: (run.devices()["hp1"]["manual"] or {}).get("value") == HAND_KW, 3)
    check(f"kill.{role}_manual_survives", by_hand, str(run.devices()["hp1"]["manual"]))
    steering = wait_until(lambda: run.status()["ticks"] != ticks and run.status()["mode"] in
                          ("normal", "limited"), 5)
    check(f"kill.{role}_steers", steering, str(run.status()["mode"]))


def check_roles(run):
    planned = wait_until(lambda: plan_of(run) is not None, PLAN_S)
    check("kill.there_is_a_plan", planned, f"none after {PLAN_S} s")
    run.watch(max(0, 70 - run.truth()["elapsed_s"]))
    status, answer = run.send("POST", "/api/v1/dr/events", {
        "direction": "limit", "kw": CAP_KW, "duration_min": 120, "id": "kept"})
    active = wait_until(lambda: run.event("kept").get("state") == "active", 5)
    check("kill.event_active", active, f"{status} {answer}")
    status, answer = run.send("POST", "/api/v1/set", {"point": "hp1.limit_kw", "value": HAND_KW})
    check("kill.heat_pump_by_hand", status == 200, f"{status} {answer}")
    run.watch(10)
    recorder = Recorder(run)
    for role in ROLES:
        before = (plan_of(run), run.event("kept"), run.status()["ticks"])
        took = kill_role(run, role)
        print(f"{role}: back after {took} s")
        check(f"kill.{role}_back", took is not None and took <= BACK_S, f"{took} s")
        check_kept(run, role, before)
        run.watch(15)
    rows = recorder.stop()
    above = longest_above_s(rows, CAP_KW * 1.05)
    print(f"cap {CAP_KW} kW: {min(r['pcc_kw'] for r in rows):.0f} to "
          f"{max(r['pcc_kw'] for r in rows):.0f} kW over {len(rows)} looks, longest {above:.1f} s "
          f"above 105 %; battery {min(r['battery_kw'] for r in rows):.0f} to "
          f"{max(r['battery_kw'] for r in rows):.0f} kW")
    check("kill.cap_held", above <= 5, f"{above:.1f} s above it")
    check("kill.cap_needed_the_battery", max(r["battery_kw"] for r in rows) > 20, "it did not")
    judged = run.judged()
    check("kill.import_limit_held", judged["import_over"]["longest_s"] <= 5,
          str(judged["import_over"]))
    check("kill.export_limit_held", judged["export_over"]["longest_s"] <= 1
          and judged["export_event_kwh_max"] < 0.1, str(judged["export_over"]))
    missing = [d for d, seen in run.devices().items() if not seen["link"]["online"]]
    check("kill.devices_online", not missing, str(missing))


def signed_off(run):
    """Devices that the park file says have no safe state of their own, and who accepted that."""
    text = pathlib.Path(run.park_file).read_text()
    rows = re.split(r"^ *- \{name: ", text, flags=re.M)[1:]
    return {re.match(r"\w+", row).group() for row in rows if "signed_off:" in row}


def check_all(run):
    """At full discharge; the load is raised so that no limit stands against it."""
    answer = run.ask("inject load_step works 150")
    check("kill.load_raised", answer == "ok 1", answer)
    status, answer = run.send("POST", "/api/v1/set", {"point": "bess1.set_kw", "value": 200})
    check("kill.by_hand", status == 200, f"{status} {answer}")
    full = wait_until(lambda: run.value("bess1.kw") > 195, 10)
    check("kill.full_discharge", full, f"{run.value('bess1.kw')} kW")
    run.kill_all()
    at = run.truth()["elapsed_s"]
    safe_at = None
    while safe_at is None and run.truth()["elapsed_s"] < at + SAFE_S + 60:
        if abs(run.value("bess1.kw")) < 1:
            safe_at = run.truth()["elapsed_s"] - at
        time.sleep(0.05)
    print(f"all killed: battery at 0 kW after {safe_at} s of the plant")
    check("kill.all_battery_stops", safe_at is not None and safe_at <= SAFE_S, f"{safe_at} s")
    run.watch(max(0, at + SAFE_S - run.truth()["elapsed_s"]))
    unsafe = [d for d, good in run.judged()["safe"].items() if not good and d not in signed_off(run)]
    check("kill.all_plant_safe", not unsafe, f"not safe: {unsafe}")
    run.start()
    known = wait_until(lambda: run.event("kept").get("state") == "active", 5)
    check("kill.all_event_survives", known, str(run.get("/api/v1/dr/events"))[:300])


def main():
    with ParkRun("small.yaml", "--speed", "5", "--start", "2025-07-14T10:00:00+08:00") as run:
        check_roles(run)
        check_all(run)
    return check.done()


if __name__ == "__main__":
    sys.exit(main())
