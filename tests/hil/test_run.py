#!/usr/bin/env python3
"""The small park run for real: from exec to live data, every device on line, every point read, the
dashboard and the command line, a second instance, and an end in good order."""

import json
import os
import pathlib
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from park_run import BINARY, ParkRun, simlib, wait_until  # noqa: E402

check = simlib.Checks()


def check_devices(run):
    def all_online():
        return all(d["link"]["online"] and d["quality"] == "good" for d in run.devices().values())

    wait_until(all_online, 10)
    bad = [f"{n}: {d['quality']}, {d['link']}" for n, d in run.devices().items()
           if not d["link"]["online"] or d["quality"] != "good"]
    check("run.devices_online", not bad and len(run.devices()) == 6, "; ".join(bad))


def check_points(run):
    """What a register shows and we do not write is read, and is what the plant says."""
    shown = {key[0]: truth for key, (truth, _) in run.dump().items()}
    points = {p["name"]: p for p in run.get("/api/v1/points")["points"]}
    missing = [n for n in shown if points[n]["value"] is None and not points[n]["writable"]]
    check("run.points_read", len(shown) > 25 and not missing, f"{len(shown)} shown; {missing}")
    soc = points["bess1.soc_pu"]["value"]
    check("run.soc_is_true", soc is not None and abs(soc - shown["bess1.soc_pu"]) < 0.01,
          f"read {soc}, true {shown['bess1.soc_pu']}")
    refused = [line for line in run.log().splitlines() if "event=read_refused" in line]
    check("run.no_read_refused", not refused, "; ".join(refused[:2]))


def check_live(run):
    """The controller's PCC follows the plant's, the ticks go on, the balance closes."""
    a, worst, residual, true_kw = run.status(), 0.0, [], []
    for _ in range(60):
        true_kw.append(run.truth()["pcc_kw"])
        status = run.status()
        near = true_kw[-8:] + [run.truth()["pcc_kw"]]  # what is shown may be 2 s of the plant old
        if len(true_kw) > 8:
            worst = max(worst, min(near) - status["pcc_kw"], status["pcc_kw"] - max(near))
            residual.append(abs(status["residual_kw"]))
        time.sleep(0.06)
    residual.sort()
    b = run.status()
    print(f"PCC read at worst {worst:.1f} kW beside the truth; residual {residual[-1]:.1f} kW at "
          f"most, {residual[26]:.1f} in the middle; loop lag {b['loop_lag_us']:.0f} us")
    check("run.pcc_is_true", worst < 10, f"{worst} kW")
    check("run.residual_small", residual[26] < 15, str(residual))
    check("run.ticks", b["ticks"] > a["ticks"] + 10 and b["ticks_missed"] <= a["ticks_missed"] + 1,
          f"{a['ticks']} {b['ticks']} missed {b['ticks_missed']}")


def check_urgency(run):
    """The planner and a browser wait for those who hold the limits, not the other way."""
    first, batch = {"park", "field"}, {"plan"}
    seen = {role: os.sched_getscheduler(pid) & ~os.SCHED_RESET_ON_FORK
            for role, pid in run.roles().items()}
    control = os.SCHED_OTHER if "event=not_urgent" in run.log() else os.SCHED_RR
    wanted = {role: control if role in first else os.SCHED_BATCH if role in batch
              else os.SCHED_OTHER for role in seen}
    check("run.urgency", seen == wanted, f"{seen}, wanted {wanted}")


def check_pages(run):
    status, headers, page = run.request("GET", "/")
    files = re.findall(r'(?:src|href)="(/?assets/[^"]+)"', page.decode())
    check("run.dashboard", status == 200 and headers["Content-Type"].startswith("text/html")
          and len(files) > 1, f"{status} {headers['Content-Type']} {files}")
    bad = [f for f in files if run.request("GET", "/" + f.lstrip("/"))[0] != 200]
    check("run.dashboard_files", not bad, str(bad))
    status, _, body = run.request("GET", "/healthz")
    check("run.health", status == 200 and json.loads(body)["ok"], f"{status} {body}")
    metrics = run.request("GET", "/metrics")[2].decode()
    check("run.metrics", "kilnwatt_pcc_kw " in metrics and "kilnwatt_devices_online 6" in metrics,
          metrics[-300:])


def check_cli(run):
    out = run.cli("status")
    check("run.cli_status", out.returncode == 0 and "pcc_kw" in out.stdout, out.stdout + out.stderr)
    out = run.cli("status", "--json")
    good = out.returncode == 0 and json.loads(out.stdout)["park"]["name"] == "small"
    check("run.cli_status_json", good, out.stderr)
    out = run.cli("points", "bess1")
    good = out.returncode == 0 and re.search(r"^bess1\.soc_pu +0\.\d+ pu +good$", out.stdout, re.M)
    check("run.cli_points", good, out.stdout + out.stderr)
    out = run.cli("set", "bess1.set_kw", "999")
    check("run.cli_set_range", out.returncode == 1 and "200" in out.stderr, out.stderr)


def check_by_hand(run):
    """A setpoint by hand acts on the plant; `auto` gives the device back."""
    out = run.cli("set", "bess1.set_kw", "-100")
    check("run.cli_set", out.returncode == 0, out.stderr)
    acted = wait_until(lambda: abs(run.value("bess1.kw") + 100) < 5, 5)
    check("run.set_acts", acted, f"bess1.kw is {run.value('bess1.kw')}, wanted -100")
    out = run.cli("auto", "bess1")
    back = wait_until(lambda: abs(run.value("bess1.kw") + 100) > 20, 10)
    check("run.auto_acts", out.returncode == 0 and back, f"{out.stderr} {run.value('bess1.kw')}")


def check_second(run):
    """A second controller for the same park must not come up silently."""
    park = pathlib.Path(run.park_file)
    other = park.with_name("other.yaml")
    other.write_text(park.read_text().replace(f":{run.web_port}", f":{simlib.free_base(1)}"))
    for name, path, state, word in (("address", park, f"{run.dir}/second", str(run.web_port)),
                                    ("state", other, run.state, "is locked")):
        began = time.monotonic()
        second = subprocess.Popen([BINARY, "run", str(path), "--state", state, "--sim",
                                   run.control_path], stderr=subprocess.PIPE, text=True)
        try:
            _, text = second.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            second.terminate()
            _, text = second.communicate(timeout=10)
        took = time.monotonic() - began
        check(f"run.second_same_{name}", second.returncode == 3 and took < 3 and word in text,
              f"status {second.returncode} after {took:.1f} s: {text[-600:]}")
    check("run.first_goes_on", run.controller.poll() is None and run.status()["fresh"], "ended")


def main():
    with ParkRun("small.yaml", "--speed", "5", "--start", "2025-07-14T10:00:00+08:00") as run:
        check("run.ready", True)
        check_devices(run)
        check_points(run)
        check_urgency(run)
        check_live(run)
        check_pages(run)
        check_cli(run)
        check_by_hand(run)
        check_second(run)
        pids = list(run.roles().values())
        began = time.monotonic()
        status = run.stop_controller()
        took = time.monotonic() - began
        left = [p for p in pids if pathlib.Path(f"/proc/{p}").exists()]
        check("run.ends", status == 0 and took < 5 and not left,
              f"status {status} after {took:.1f} s, left {left}")
        status = run.stop()
        check("run.sim_ends", status == 0, f"status {status}")
    return check.done()


if __name__ == "__main__":
    sys.exit(main())
