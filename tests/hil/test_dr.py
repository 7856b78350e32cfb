#!/usr/bin/env python3
"""Demand response on the reference park, judged by the simulator's own power at the grid
connection: 500 kW off by command line and by HTTP, at x10 and at real time, held, and given back without a new
peak; repeated, wrong and cancelled requests. Three parks run side by side to keep it short."""

import json
import pathlib
import sys
import threading
import time
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from park_run import HostLag, ParkRun, mean_kw, simlib, wait_until  # noqa: E402

check = simlib.Checks()
CUT_KW = 500
REACHED_S = 60
BAND_PU = 0.05
CONTRACT_KW = 4200  # etc/tariffs/chongqing-10kv-2part.yaml
EVENING = "2025-07-15T22:20:00+08:00"  # a steady load, no sun, batteries idle, no order starts
MORNING = "2025-07-14T09:30:00+08:00"  # kilns heat up, PV rises, a plan comes and goes


def slices(rows, width_s):
    """Rows of truth() cut into pieces of so many simulated seconds; the last may be short."""
    out, start = [], 0
    for i, row in enumerate(rows):
        if row["elapsed_s"] - rows[start]["elapsed_s"] >= width_s:
            out.append(rows[start:i + 1])
            start = i
    return out


def reached_after_s(rows, limit_kw):
    """From when on the PCC's 10-s means stay at or below the limit, seconds after rows[0]."""
    parts = slices(rows, 10)
    bad = [p for p in parts if mean_kw(p) > limit_kw]
    return (bad[-1][-1] if bad else rows[0])["elapsed_s"] - rows[0]["elapsed_s"]


def check_cut(name, run, ident, before, during, two_sided):
    """The cut against the frozen baseline, and that the baseline is what was really drawn."""
    event = run.event(ident)
    base = event["baseline_kw"]
    drawn = mean_kw(before)
    within = CUT_KW * BAND_PU
    took = reached_after_s(during, base - CUT_KW + within)
    late = [r for r in during if r["elapsed_s"] >= during[0]["elapsed_s"] + REACHED_S]
    held = [base - mean_kw(p) for p in slices(late, 20)]
    print(f"{name}: baseline {base:.0f} kW, drawn {drawn:.0f} kW before; reached after {took:.0f} "
          f"s; then {min(held):.0f} to {max(held):.0f} kW less (20-s means)")
    check(f"dr.{name}_baseline_is_true", abs(base - drawn) < 0.02 * drawn + 10,
          f"{base:.0f} frozen, {drawn:.0f} drawn")
    check(f"dr.{name}_reached_in_60_s", took <= REACHED_S, f"{took:.0f} s")
    check(f"dr.{name}_held", min(held) >= CUT_KW - within, f"{min(held):.0f} kW")
    if two_sided:
        check(f"dr.{name}_not_overdone", max(held) <= CUT_KW + within, f"{max(held):.0f} kW")


def check_repeats(run):
    first = run.event("cut")
    out = run.cli("dr", "trigger", "--kw", "500", "--minutes", "5", "--id", "cut", "--json")
    same = out.returncode == 0 and json.loads(out.stdout)["end"] == first["end"]
    listed = [e["id"] for e in run.get("/api/v1/dr/events")["events"]]
    check("dr.repeat_same_event", same and listed.count("cut") == 1,
          f"{out.stdout[:200]} {out.stderr} {listed}")
    out = run.cli("dr", "trigger", "--kw", "300", "--minutes", "5", "--id", "cut")
    check("dr.repeat_other_content", out.returncode == 1 and "cut" in out.stderr, out.stderr)


def check_cli(run):
    """At x10 with rules only: nothing but the cap moves the park; so both sides can be judged."""
    before = run.watch(180)
    out = run.cli("dr", "trigger", "--kw", "500", "--minutes", "5", "--id", "cut")
    during = [run.truth()]
    check("dr.cli_trigger", out.returncode == 0 and "cut" in out.stdout, out.stdout + out.stderr)
    during += run.watch(120)
    check_repeats(run)
    during += run.watch(270 - (run.truth()["elapsed_s"] - during[0]["elapsed_s"]))
    check_cut("cli", run, "cut", before, during, True)
    delivered, base = run.event("cut")["delivered_kw"], run.event("cut")["baseline_kw"]
    true_kw = base - mean_kw(during)
    check("dr.delivered_is_true", abs(delivered - true_kw) < CUT_KW * BAND_PU,
          f"{delivered:.0f} kW told, {true_kw:.0f} kW true")
    natural = max(r["pcc_kw"] + r["battery_kw"] for r in during)
    ended = wait_until(lambda: run.event("cut")["state"] == "recovery", 10)
    check("dr.ends_by_itself", ended, run.event("cut")["state"])
    after = run.watch(960)
    peak = run.judged()["kpi"]["peak_sliding_kw"]
    step = max(mean_kw(p) for p in slices(after, 60))
    print(f"after its end: highest minute {step:.0f} kW, highest sliding 15 min {peak:.0f} kW")
    check("dr.no_new_peak", 0 < peak <= CONTRACT_KW, f"{peak} kW of {CONTRACT_KW}")
    check("dr.no_rebound", step < natural * 1.02, f"{step:.0f} kW, {natural:.0f} kW without batteries")
    check("dr.completed", run.event("cut")["state"] == "completed", run.event("cut")["state"])
    out = run.cli("dr", "list")
    check("dr.cli_list", out.returncode == 0 and "completed" in out.stdout, out.stdout + out.stderr)
    import_over = run.judged()["import_over"]
    check("dr.import_limit_held", import_over["longest_s"] <= 5, str(import_over))


GOOD = {"direction": "shave", "kw": 500, "duration_min": 5}
# (name, what is wrong in GOOD or the whole body, status, word that the answer must have)
WRONG = [
    ("not_json", "{kw", 400, ""), ("not_an_object", [1], 422, "object"),
    ("no_direction", {"direction": None}, 422, "direction"), ("no_kw", {"kw": None}, 422, "kw"),
    ("kw_text", {"kw": "500"}, 422, "kw"), ("kw_negative", {"kw": -5}, 422, "kw"),
    ("kw_huge", {"kw": 1e9}, 422, "kw"), ("no_minutes", {"duration_min": None}, 422, "duration_min"),
    ("minutes_0", {"duration_min": 0}, 422, "duration_min"),
    ("direction", {"direction": "up"}, 422, "direction"),
    ("start", {"start": "tomorrow"}, 422, "start"),
    ("past", {"start": "2025-07-14T01:00:00+08:00"}, 422, ""),
    ("unknown_key", {"kW": 1}, 422, "kW"), ("id", {"id": "a b/c"}, 422, "id"),
]


def check_wrong(run):
    path = "/api/v1/dr/events"
    for name, body, want, word in WRONG:
        if isinstance(body, dict):
            body = {k: v for k, v in {**GOOD, **body}.items() if v is not None}
        status, answer = run.send("POST", path, body)
        detail = str(answer.get("detail", answer)).replace(path, "")
        check(f"dr.wrong_{name}", status == want and word in detail and len(detail) > 15,
              f"{status}, wanted {want}: {answer}")
    run.watch(max(0, 70 - run.truth()["elapsed_s"]))
    status, answer = run.send("POST", path, {**GOOD, "kw": 4400})
    check("dr.wrong_more_than_drawn", status == 409 and "baseline" in answer["detail"],
          f"{status} {answer}")
    status = run.request("POST", path, GOOD)[0]
    check("dr.wrong_no_token", status == 401, str(status))
    status, _ = run.send("DELETE", path + "/nobody")
    check("dr.wrong_cancel_nobody", status == 404, str(status))
    out = run.cli("dr", "trigger", "--kw", "many")
    check("dr.wrong_cli_kw", out.returncode == 2 and "--kw" in out.stderr, out.stderr)
    out = run.cli("dr", "trigger", "--kw", "500", "--minutes", "0")
    check("dr.wrong_cli_minutes", out.returncode == 1 and "duration_min" in out.stderr, out.stderr)
    listed = run.get(path)["events"]
    check("dr.wrong_leaves_nothing", not listed, str(listed))


def check_cancel(run):
    body = {"direction": "limit", "kw": 100, "duration_min": 60, "id": "later",
            "start": "2025-07-14T23:00:00+08:00"}
    status, answer = run.send("POST", "/api/v1/dr/events", body)
    check("dr.later_is_committed", status == 201 and answer["state"] == "committed", str(answer))
    again = run.send("POST", "/api/v1/dr/events", body)
    check("dr.later_repeated", again[1].get("end") == answer.get("end"), str(again))
    out = run.cli("dr", "cancel", "later")
    gone = wait_until(lambda: run.event("later")["state"] == "cancelled", 3)
    check("dr.cancel_before_start", out.returncode == 0 and gone, out.stderr)
    status, _ = run.send("DELETE", "/api/v1/dr/events/later")
    check("dr.cancel_twice", status == 409, str(status))


def check_http(run):
    """At x10 with plans, by HTTP; ended early."""
    check_wrong(run)
    check_cancel(run)
    before = run.watch(max(0, 180 - run.truth()["elapsed_s"]))
    key = {"Idempotency-Key": "once"}
    body = {"direction": "shave", "kw": CUT_KW, "duration_min": 30, "id": "web"}
    status, answer = run.send("POST", "/api/v1/dr/events", body, key)
    during = [run.truth()]
    check("dr.http_trigger", status == 201 and answer["id"] == "web", f"{status} {answer}")
    again = run.send("POST", "/api/v1/dr/events", body, key)
    check("dr.http_key_repeated", again[0] == 200 and again[1]["id"] == "web", str(again))
    during += run.watch(300)
    base = run.event("web")["baseline_kw"]
    took = reached_after_s(during, base - CUT_KW * (1 - BAND_PU))
    late = [r for r in during if r["elapsed_s"] >= during[0]["elapsed_s"] + REACHED_S]
    held = [base - mean_kw(p) for p in slices(late, 20)]
    print(f"http: baseline {base:.0f} kW, {mean_kw(before):.0f} kW before; reached after {took:.0f} s; "
          f"then {min(held):.0f} to {max(held):.0f} kW less under "
          f"{run.status()['plan']['origin']} plans")
    check("dr.http_reached_in_60_s", took <= REACHED_S, f"{took:.0f} s")
    check("dr.http_held", min(held) >= CUT_KW * (1 - BAND_PU), f"{min(held):.0f} kW")
    status, answer = run.send("DELETE", "/api/v1/dr/events/web")
    check("dr.cancel_active", status == 200 and answer["state"] in ("active", "recovery"),
          f"{status} {answer}")
    moved = wait_until(lambda: run.event("web")["state"] == "recovery", 3)
    check("dr.cancel_goes_to_recovery", moved, run.event("web")["state"])


def check_real_time(run):
    """The same at real time."""
    before = run.watch(64)
    status, answer = run.send("POST", "/api/v1/dr/events",
                              {"kw": CUT_KW, "duration_min": 10, "id": "now",
                               "direction": "shave"})
    asked = time.monotonic()
    during = [run.truth()]
    check("dr.x1_trigger", status == 201, f"{status} {answer}")
    active = wait_until(lambda: run.event("now").get("state") == "active", 5)
    took = time.monotonic() - asked
    check("dr.x1_effective_2_s", active and took < 2.5, f"{took:.2f} s")
    during += run.watch(REACHED_S + 25)
    check_cut("x1", run, "now", before, during, True)


def in_thread(results, fn, *args, **kw):
    def work():
        try:
            with ParkRun("ceramics.yaml", *args, **kw) as run:
                fn(run)
        except BaseException:  # noqa: B902 - whatever it is, it is told
            results.append(traceback.format_exc())
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def main():
    host = HostLag()
    wrong = []
    threads = []
    for fn, speed, start, policy in ((check_cli, "10", EVENING, "rule"),
                                     (check_real_time, "1", EVENING, "rule"),
                                     (check_http, "10", MORNING, "plan")):
        threads.append(in_thread(wrong, fn, "--speed", speed, "--start", start, policy=policy))
        time.sleep(1.5)  # so that none takes the other's ports
    for thread in threads:
        thread.join()
    print(f"the machine itself was late by {host.stop_us() / 1000:.0f} ms at worst; at x10, 100 ms "
          "are a second of the plant")
    check("dr.ran_to_the_end", not wrong, "\n".join(wrong))
    return check.done()


if __name__ == "__main__":
    sys.exit(main())
