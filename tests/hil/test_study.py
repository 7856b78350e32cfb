#!/usr/bin/env python3
"""Studies: the same to the bit on repetition and with two jobs, another seed another run, the rules
hold the limits and all invariants and do all orders, without a controller none is done, plans are made
and followed, with foresight too, a report is written, and wrong use is refused."""

import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import simlib  # noqa: E402

check = simlib.Checks()
CERAMICS = "etc/parks/ceramics.yaml"
SMALL = "etc/parks/small.yaml"
UTILITIES = "tests/data/utilities_park.yaml"
SITE = "tests/data/site_park.yaml"
OWN = ("wall_s", "cpu_s", "times_real_time")


def study(*args):
    out = subprocess.run([simlib.BINARY, "study", *args], capture_output=True, text=True,
                         timeout=600, check=False)
    return out.returncode, out.stdout, out.stderr


def runs(*args):
    status, text, errors = study(*args, "--json")
    if status:
        raise RuntimeError(f"status {status}: {errors}")
    return json.loads(text)["runs"]


def lasting(run):
    return {k: v for k, v in run.items() if k not in OWN}


def broken(run):
    return {b["invariant"] for b in run["breaches"]}


def check_repeats():
    both = runs(CERAMICS, "--policy", "none,rule", "--seed", "1,2", "--jobs", "2")
    check("study.all_runs", [(r["policy"], r["seed"]) for r in both]
          == [("none", 1), ("rule", 1), ("none", 2), ("rule", 2)],
          str([(r["policy"], r["seed"]) for r in both]))
    none, rule, _, other = both
    again, = runs(CERAMICS)
    check("study.same", lasting(rule) == lasting(again), f"{rule['hash']} {again['hash']}")
    check("study.other_seed", other["hash"] != rule["hash"], rule["hash"])
    kpi = rule["kpi"]
    check("study.rule_holds", not broken(rule) and kpi["orders_late"] == 0
          and kpi["orders_done"] > 10 and kpi["unserved_heat_kwh"] < 1,
          str((rule["breaches"], kpi)))
    check("study.none_does_nothing", none["kpi"]["orders_done"] < kpi["orders_done"]
          and not none["firings"], str(none["kpi"]))
    total = kpi["import_kwh"] + kpi["pv_kwh"] + kpi["wind_kwh"] + kpi["chp_kwh"]
    check("study.bill", abs(kpi["cost_yuan"] - sum(kpi["cost"].values())) < 0.01
          and total > 0.9 * kpi["load_kwh"], str(kpi))


def check_plan():
    """By the plan: solved each five minutes with a budget of work, so the same each time."""
    args = (SMALL, "--policy", "mpc", "--days", "0.05", "--work", "3000")
    a, = runs(*args)
    b, = runs(*args)
    check("study.mpc_same", lasting(a) == lasting(b), f"{a['hash']} {b['hash']}")
    check("study.mpc_plans", a["plans"]["solved"] >= 14 and a["plans"]["failed"] == 0
          and not broken(a), str((a["plans"], a["breaches"])))
    rule, = runs(SMALL, "--days", "0.05")
    check("study.mpc_is_another", rule["hash"] != a["hash"], a["hash"])


def check_utilities():
    """A chiller, a compressor, pumps and an ORC that nobody commands: counted on by rules and plan, which both keep
    the limits and cost less than doing nothing; the ORC's energy is in the balance."""
    args = (UTILITIES, "--devices", "etc/devices", "--policy", "none,rule,mpc", "--work", "1500")
    none, rule, plan = runs(*args)
    cost = [r["kpi"]["cost_yuan"] for r in (none, rule, plan)]
    check("study.utilities_cost", cost[0] > cost[1] > cost[2], str(cost))
    for run in (none, rule, plan):
        kpi = run["kpi"]
        check(f"study.utilities_{run['policy']}", run["breaches_count"] == 0 and run["plans"]["failed"] == 0
              and kpi["curtailed_kwh"] < 0.01 * kpi["pv_kwh"], str((run["breaches"], run["plans"])))
        given = kpi["import_kwh"] + kpi["pv_kwh"] + kpi["orc_kwh"]
        check(f"study.utilities_balance_{run['policy']}", kpi["orc_kwh"] > 1500
              and abs(given / kpi["load_kwh"] - 1) < 0.05, str(kpi))


def check_site():
    """Supercapacitors are used as a battery is, a building and a capacitor bank that nobody commands are counted
    on: rules and plan keep the limits and cost less than doing nothing."""
    args = (SITE, "--devices", "etc/devices", "--policy", "none,rule,mpc", "--work", "1500", "--days", "0.5",
            "--from", "2025-07-14T06:00:00+08:00")
    none, rule, plan = runs(*args)
    cost = [r["kpi"]["cost_yuan"] for r in (none, rule, plan)]
    check("study.site_cost", cost[0] > max(cost[1:]), str(cost))
    for run in (rule, plan):
        check(f"study.site_{run['policy']}", run["breaches_count"] == 0 and run["plans"]["failed"] == 0
              and run["kpi"]["curtailed_kwh"] < 0.01 * run["kpi"]["pv_kwh"], str((run["breaches"], run["plans"])))
        check(f"study.site_supercapacitors_{run['policy']}", run["batteries"]["scap1"]["flips"] > 0,
              str(run["batteries"]))


def check_oracle():
    """A morning with clouds: told of them, the plan is another one, each time the same."""
    args = (SMALL, "--from", "2025-07-14T09:00:00+08:00", "--days", "0.05", "--work", "3000")
    mpc, oracle = runs(*args, "--policy", "mpc,oracle", "--jobs", "2")
    again = runs(*args, "--policy", "mpc,oracle")
    check("study.jobs_same", [lasting(r) for r in again] == [lasting(mpc), lasting(oracle)],
          str([r["hash"] for r in (mpc, oracle, *again)]))
    check("study.oracle_plans", oracle["plans"]["solved"] >= 14 and oracle["plans"]["failed"] == 0
          and not broken(oracle) and oracle["hash"] != mpc["hash"], str(oracle["plans"]))
    same = ("available_kwh", "vehicles")
    check("study.same_sky", all(abs(oracle["kpi"][k] - mpc["kpi"][k]) < 1e-3 for k in same),
          str([(r["kpi"][k]) for k in same for r in (mpc, oracle)]))


def check_report():
    """The page and the numbers beside it; or the page alone; and nothing is run for nothing."""
    args = (SMALL, "--days", "0.02", "--policy", "none,rule", "--json")
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        status, text, errors = study(*args, "--report", out)
        with open(os.path.join(out, "study.json"), encoding="utf-8") as f:
            kept = json.load(f)
        check("study.report", status == 0 and os.path.getsize(os.path.join(out, "study.html")) > 5e4
              and kept == json.loads(text), errors)
        page = os.path.join(folder, "one.html")
        status, _, errors = study(*args, "--report", page)
        check("study.report_page", status == 0 and sorted(os.listdir(folder)) == ["one.html", "out"],
              f"{errors} {os.listdir(folder)}")
        status, text, errors = study(*args, "--report", os.path.join(page, "below"))
        check("study.report_nowhere", status == 3 and "--report" in errors and not text,
              f"{status} {errors}")


def check_table():
    status, text, _ = study(SMALL, "--days", "0.02", "--policy", "none,rule")
    words = ("cost of energy", "rule 1", "hash", "demand charge", "CO2", "left to the next",
             "firings begun", "invariants broken", "above the export limit")
    check("study.table", status == 0 and all(w in text for w in words), text)


def check_refused():
    for args, word in (((SMALL, "--policy", "best"), "none, rule, mpc or oracle"),
                       ((SMALL, "--days", "0"), "above 0"), ((SMALL, "--jobs", "1.5"), "whole"),
                       ((SMALL, "--seed", "x"), "whole number"), ((), "usage")):
        status, _, errors = study(*args)
        check(f"study.refused_{word.split()[0]}", status == 2 and word in errors,
              f"{status} {errors}")
    status, _, errors = study("etc/parks/none.yaml")
    check("study.no_park", status == 1 and "none.yaml" in errors, f"{status} {errors}")
    status, _, errors = study(SMALL, "--from", "14.7.2025")
    check("study.no_date", status == 2 and "would be right" in errors, f"{status} {errors}")


def main():
    check_repeats()
    check_plan()
    check_utilities()
    check_site()
    check_oracle()
    check_report()
    check_table()
    check_refused()
    return check.done()


if __name__ == "__main__":
    sys.exit(main())
