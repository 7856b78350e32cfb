#!/usr/bin/env python3
"""What `plan --explain` says of the ceramics day is right: every device and firing has a reason with
numbers, and ten of its prices are found again by questions that are changed here, by hand."""

import datetime
import json
import os
import subprocess
import sys
import tempfile

BINARY = os.environ.get("KILNWATT", "build/kilnwatt")
DAY = ["etc/parks/ceramics.yaml", "--at", "2025-07-14T00:00:00+08:00"]
EXACT = ["--gap", "2e-7", "--work", "200000"]
ASKED = 10
failures = 0


def check(name, good, why=""):
    global failures
    failures += not good
    print(f"ok {name}" if good else f"not ok {name}: {why}", flush=True)


def plan(*args):
    done = subprocess.run([BINARY, "plan", *args, "--json"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def at(value, step):
    return value[step] if isinstance(value, list) else value


class Question:
    """The question as JSON with the plan's decisions fixed; each change begins with a fresh copy."""

    def __init__(self, problem, answer, folder):
        self.problem, self.answer, self.path = problem, answer, os.path.join(folder, "changed.json")
        self.begin = [problem["start_ms"] / 1000]
        for s in problem["step_s"]:
            self.begin.append(self.begin[-1] + s)

    def fixed(self):
        q = json.loads(json.dumps(self.problem))
        steps = range(len(q["step_s"]))
        for order, planned in zip(q["orders"], self.answer["orders"]):
            start = datetime.datetime.fromisoformat(planned["start"].replace("Z", "+00:00")).timestamp()
            order["earliest_step"] = order["latest_step"] = self.begin.index(start)
        for unit in q["converters"]:
            if any(unit.get(k, 0) for k in ("in_kw_min", "start_yuan", "min_up_s", "min_down_s")):
                on = self.answer["devices"][unit["name"]]["on"]
                unit["in_kw_max"] = [at(unit["in_kw_max"], t) * (on[t] > 0) for t in steps]
                unit["must_run"] = on
        for job in q["jobs"]:
            if job.get("draw_kw_min", 0) > 0:
                on = self.answer["devices"][job["name"]]["on"]
                job["draw_kw_max"] = [at(job["draw_kw_max"], t) * (on[t] > 0) for t in steps]
        return q

    def changed(self, asset, what):
        q = self.fixed()
        steps = range(len(q["step_s"]))
        inside = [what["from_step"] <= t < what["to_step"] for t in steps]
        find = lambda kind, here=None: next(x for x in (here or q)[kind] if x["name"] == asset)

        def zero(x, *keys):
            for key in keys:
                x[key] = [0 if inside[t] else at(x.get(key, 0), t) for t in steps]
        if what["change"] == "order_at":
            find("orders")["earliest_step"] = find("orders")["latest_step"] = what["from_step"]
        elif what["change"] == "job_at_once":
            job, kwh, most = find("jobs"), 0, []
            for t in steps:
                open_now = job.get("from_step", 0) <= t < job["to_step"] and kwh < job["energy_kwh"] - 1e-6
                most.append(at(find("jobs", self.problem)["draw_kw_max"], t) if open_now else 0)
                kwh += most[-1] * q["step_s"][t] / 3600
            job["draw_kw_max"] = most
        elif what["change"] == "storage_rest":
            zero(find("storages"), "charge_kw_max", "discharge_kw_max")
        elif what["change"] == "converter_off":
            zero(find("converters"), "in_kw_max", "must_run")
        elif what["change"] == "source_absent":
            zero(find("sources"), "available_kw")
        else:
            return None
        return q

    def yuan(self, q):
        with open(self.path, "w", encoding="utf-8") as f:
            json.dump(q, f)
        answer = plan("--problem", self.path, *EXACT)
        return answer["objective_yuan"] if answer["status"] == "proven" else float("nan")


def spread(asked):
    """Ten, of every kind of change the two that cost most and least, then others in order."""
    chosen = []
    for kind in sorted({w["change"] for _, w in asked}):
        same = sorted((x for x in asked if x[1]["change"] == kind), key=lambda x: abs(x[1]["yuan"]))
        chosen += [same[-1], same[len(same) // 2]] if len(same) > 1 else same
    return (chosen + [x for x in asked if x not in chosen])[:ASKED]


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "day.json")
        answer = plan(*DAY, "--work", "20000", "--explain", "--compare", "rule", "--export-problem", path)
        with open(path, encoding="utf-8") as f:
            problem = json.load(f)
        reasons = {r["asset"]: r for r in answer["explain"]["reasons"]}
        names = [x["name"] for k in ("orders", "jobs", "converters", "storages", "sources") for x in problem[k]]
        check("every device and firing has a reason", set(names) == set(reasons), set(names) ^ set(reasons))
        bare = [n for n, r in reasons.items() if not any(c.isdigit() for c in r["says"])]
        check("with numbers in it", not bare, bare)
        asked = [(r["asset"], w) for r in reasons.values() for w in r["what_if"]]
        check("all that was asked is answered", all(w["yuan"] is not None for _, w in asked))
        firings = [r for r in reasons.values() if r["kind"] == "order"]
        bound = {(x["asset"], x["kind"]) for x in answer["explain"]["limits"]}
        stuck = [r["asset"] for r in firings if not r["what_if"] and
                 not ({"earliest", "machine"} & {k for a, k in bound if a == r["asset"]} and
                      {"latest", "next"} & {k for a, k in bound if a == r["asset"]})]
        check("every firing has another start priced, or none is possible", not stuck, stuck)
        odd = [(a, w) for a, w in asked if abs(sum(w["cost"].values()) - w["yuan"]) > 1e-6]
        check("terms add up", not odd, odd[:2])
        q = Question(problem, answer, folder)
        base = q.yuan(q.fixed())
        check("the price that differences start from is found again",
              abs(base - answer["explain"]["base_yuan"]) < 0.05, f"{base} {answer['explain']['base_yuan']}")
        check("and is no dearer than the plan", base < answer["objective_yuan"] + 0.05)
        for asset, what in spread([x for x in asked if x[1]["rest"] == "as_planned" and
                                   x[1]["change"] != "converter_on"]):
            again = q.yuan(q.changed(asset, what)) - base
            check(f"{asset} {what['change']} {what['from_step']}: {what['yuan']:.2f} yuan",
                  abs(again - what["yuan"]) <= max(0.05, 0.01 * abs(again)), f"again {again:.2f}")
        both = answer["compare"]
        check("the comparison is of this plan", both["plan"]["objective_yuan"] == answer["objective_yuan"])
        saved = both["rule"]["objective_yuan"] - both["plan"]["objective_yuan"]
        check("and is no dearer than the rules", abs(saved - both["saves_yuan"]) < 1e-6 and saved > 0, saved)
        rule = plan("--problem", path, "--policy", "rule")
        check("the rules' side is their plan", abs(rule["objective_yuan"] - both["rule"]["objective_yuan"]) < 1e-6)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
