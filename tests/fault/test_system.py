#!/usr/bin/env python3
"""Faults of the controller's own machine, each put on, seen in the plant, and seen gone: the disk full and
the store slow (S2), the wall clock set (S3), the door of demand response shut (S4), events that contradict
each other (S5), a solver that does not answer (S7). S1 is test_kill.py, S5's malformed events test_dr.py,
S6 (no forecast) the scenario first-day-no-forecast.yaml."""

import ctypes
import datetime
import os
import pathlib
import signal
import struct
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from park_run import ROLES, ParkRun, Recorder, longest_above_s, simlib, wait_until  # noqa: E402

check = simlib.Checks()
HERE = pathlib.Path(__file__).resolve().parent
SPEED = 20
DISK_BYTES = 8 << 20
SLOW_S = 6    # real: the store, the web role stand still for so long
HAND_KW = -40  # of the battery, by hand
CAPS_KW = (300, 180)
MEAN_S = 55   # a minute: such means are what a caller meters; a motor's start is over by then
STEPS_S = (3600, -86400, -1.7e9)  # an hour on, a day back, to about 1972


# ---- S2 ----

class SmallDisk:
    """A file system of a few megabytes where the controller keeps its state."""

    def __init__(self, path):
        self.path = path
        self.libc = ctypes.CDLL(None, use_errno=True)
        os.makedirs(path)
        size = f"size={DISK_BYTES}".encode()
        self.mounted = self.libc.mount(b"tmpfs", path.encode(), b"tmpfs", 0, size) == 0

    def fill(self):
        """All that is left; returns the bytes."""
        done = 0
        with open(f"{self.path}/ballast", "wb", buffering=0) as f:
            for size in (65536, 4096):
                try:
                    while True:
                        done += f.write(b"x" * size)
                except OSError:
                    continue
        return done

    def empty(self):
        os.remove(f"{self.path}/ballast")

    def close(self):
        if self.mounted:
            self.libc.umount2(self.path.encode(), 2)  # MNT_DETACH


def later(run, ident):
    """Asks for an event of this evening; (status, answer)."""
    return run.send("POST", "/api/v1/dr/events", {
        "direction": "limit", "kw": 400, "duration_min": 30, "id": ident,
        "start": "2025-07-14T20:00:00+08:00"})


def known(run, ident):
    return run.request("GET", f"/api/v1/dr/events/{ident}")[0] == 200


def steers(run, seconds=2):
    """Ticks, one a second of the park, go on and are those of a park under control."""
    a = run.status()
    time.sleep(seconds)
    b = run.status()
    return b["ticks"] - a["ticks"] > 0.6 * seconds * run.speed and b["fresh"] and \
        b["mode"] in ("normal", "limited")


def check_disk_full(run, disk):
    status, answer = later(run, "before")
    check("system.S2_taken_before", status == 201, f"{status} {answer}")
    filled = disk.fill()
    # what has been opened may have room left in pages of its own: at the latest the tenth is too much
    asked = [later(run, f"full{i}")[0] for i in range(40)]
    refused = [i for i, status in enumerate(asked) if status >= 400]
    kept = [i for i in refused if known(run, f"full{i}")]
    check("system.S2_refused", filled > 0 and refused, f"{filled} bytes of ballast, {asked}")
    check("system.S2_nothing_half_kept", not kept, f"{kept}")
    check("system.S2_steers", steers(run), str(run.status()))
    taken = [i for i, status in enumerate(asked) if status == 201]
    disk.empty()
    again = wait_until(lambda: later(run, "after")[0] in (200, 201), 10)
    check("system.S2_taken_after", again, str(later(run, "after")))
    os.kill(run.roles()["park"], signal.SIGKILL)  # what was acknowledged is on the disk
    wait_until(lambda: known(run, "after"), 10)
    lost = [i for i in ["before", "after"] + [f"full{i}" for i in taken] if not known(run, i)]
    ghosts = [i for i in refused if known(run, f"full{i}")]
    check("system.S2_acknowledged_is_durable", not lost and not ghosts, f"lost {lost}, ghosts {ghosts}")
    for ident in ["before", "after"] + [f"full{i}" for i in taken]:
        run.send("DELETE", f"/api/v1/dr/events/{ident}")


def check_store_slow(run):
    """Nothing is acknowledged that is not durable; nobody waits for the store."""
    with Stopped(run, "store"):
        status, answer = later(run, "slow")
        check("system.S2_slow_not_acknowledged", status >= 400, f"{status} {answer}")
        check("system.S2_slow_steers", steers(run, SLOW_S / 2), str(run.status()))
    good = wait_until(lambda: later(run, "slow2")[0] == 201, 10)
    check("system.S2_slow_over", good, str(later(run, "slow2")))
    run.send("DELETE", "/api/v1/dr/events/slow2")


class Stopped:
    """A role that stands still."""

    def __init__(self, run, role):
        self.pid = run.roles()[role]

    def __enter__(self):
        os.kill(self.pid, signal.SIGSTOP)
        return self.pid

    def __exit__(self, *_):
        try:
            os.kill(self.pid, signal.SIGCONT)
        except ProcessLookupError:
            pass  # it was replaced


# ---- S4, S5 ----

def limit(run, ident, kw, minutes):
    return run.send("POST", "/api/v1/dr/events", {
        "direction": "limit", "kw": kw, "duration_min": minutes, "id": ident})


def held_kw(run, simulated_s, settle_s=60):
    """Greatest mean of a minute of import, after a time to get there."""
    run.watch(settle_s)
    rows = run.watch(simulated_s)
    means, part = [], []
    for row in rows:
        part.append(row)
        if part[-1]["elapsed_s"] - part[0]["elapsed_s"] >= MEAN_S:
            means.append(sum(r["pcc_kw"] for r in part) / len(part))
            part = []
    return max(means)


def check_contradiction(run):
    """Two callers want different caps at once: the lower holds, and the higher once that is taken back."""
    high, low = CAPS_KW
    free = held_kw(run, 120, 0)
    answers = [limit(run, "high", high, 60), limit(run, "low", low, 60)]
    both = held_kw(run, 120)
    run.send("DELETE", "/api/v1/dr/events/low")
    one = wait_until(lambda: run.event("low")["state"] in ("recovery", "completed"), 5)
    check("system.S5_both_taken", [a[0] for a in answers] == [201, 201] and one, str(answers))
    check("system.S5_lower_holds", both <= low * 1.05 < free, f"{both:.0f} kW, {free:.0f} before")
    run.watch(700)  # the recovery of the lower one
    kept = held_kw(run, 120)
    check("system.S5_higher_kept", low * 1.05 < kept <= high * 1.05, f"{kept:.0f} kW")
    run.send("DELETE", "/api/v1/dr/events/high")


def check_door_shut(run):
    """Nobody can ask, look or cancel; the event under way is held and ends by itself."""
    status, answer = limit(run, "shut", CAPS_KW[1], 5)
    check("system.S4_taken", status == 201, f"{status} {answer}")
    with Stopped(run, "web"):
        held = held_kw(run, 200)
        run.watch(60)
    check("system.S4_held", held <= CAPS_KW[1] * 1.05, f"{held:.0f} kW of {CAPS_KW[1]}")
    over = wait_until(lambda: run.event("shut")["state"] in ("recovery", "completed"), 10)
    check("system.S4_ended_by_itself", over, str(run.event("shut")))


# ---- S7 ----

def plan_start(run):
    status, _, _ = run.request("GET", "/api/v1/plan")
    return run.get("/api/v1/plan")["steps"][0]["start"] if status == 200 else ""


def check_solver(run):
    """A planner that stands still is replaced at its deadline; the limits hold and plans come again."""
    wait_until(lambda: plan_start(run), 60)
    with Stopped(run, "plan") as pid:
        gone = wait_until(lambda: run.roles().get("plan", pid) != pid, 60)
        told = wait_until(lambda: "no answer before the deadline" in run.log(), 5)
        check("system.S7_replaced", gone and told, run.log_tail(5))
        before = plan_start(run)
    check("system.S7_steers", steers(run), str(run.status()))
    planned = wait_until(lambda: plan_start(run) > before, 60)
    check("system.S7_plans_again", planned, f"{before} {plan_start(run)}")


# ---- S3 ----

class SteppedRun(ParkRun):
    """In real time, by the machine's own clock, which the test can move."""

    def __init__(self, *args, **kw):
        super().__init__(*args, **kw)
        self.step_file = f"{self.dir}/step"
        self.shim = f"{self.dir}/step_clock.so"
        self.step(0)
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", self.shim, str(HERE / "step_clock.c")], check=True)

    def run_command(self):
        command = super().run_command()
        at = command.index("--sim")
        return ["env", f"LD_PRELOAD={self.shim}", f"STEP_CLOCK={self.step_file}",
                *command[:at], *command[at + 2:]]

    def step(self, seconds):
        flags = os.O_WRONLY | os.O_CREAT
        fd = os.open(self.step_file, flags, 0o600)  # written over, since it is mapped
        os.write(fd, struct.pack("=q", int(seconds * 1000)))
        os.close(fd)

    def beside_s(self):
        """Wall time that the controller shows, beside the machine's."""
        return datetime.datetime.fromisoformat(self.status()["at"]).timestamp() - time.time()


def check_steps(run):
    run.ask("set bess1.run 1")  # at the device: what is in a person's hands gets no other command
    status, answer = run.send("POST", "/api/v1/set", {"point": "bess1.set_kw", "value": HAND_KW})
    check("system.S3_by_hand", status == 200, f"{status} {answer}")
    acts = wait_until(lambda: abs(run.value("bess1.kw") - HAND_KW) < 5, 60)
    check("system.S3_acts", acts, f"{run.value('bess1.kw')} kW")
    status, answer = run.send("POST", "/api/v1/dr/events", {
        "direction": "limit", "kw": 600, "duration_min": 30, "id": "once"})
    run.send("DELETE", "/api/v1/dr/events/once")
    ended = wait_until(lambda: run.event("once")["state"] in ("cancelled", "recovery"), 5)
    check("system.S3_event_over", status == 201 and ended, f"{status} {answer}")
    roles = run.roles()
    for step in STEPS_S + (0,):
        run.step(step)
        moved = wait_until(lambda: abs(run.beside_s() - step) < 5, 5)
        check(f"system.S3_{step:+.0f}_s_seen", moved, f"{run.beside_s():.0f} s beside the machine")
        missed = run.status()["ticks_missed"]
        kw = [run.value("bess1.kw") for _ in range(20) if not time.sleep(0.1)]
        hand = max(abs(v - HAND_KW) for v in kw)
        check(f"system.S3_{step:+.0f}_s_held", hand < 5, f"{min(kw):.1f} to {max(kw):.1f} kW")
        check(f"system.S3_{step:+.0f}_s_steers", steers(run) and run.status()["ticks_missed"] <= missed + 1,
              str(run.status()))
        state = run.event("once")["state"]
        check(f"system.S3_{step:+.0f}_s_not_twice", state not in ("active", "committed"), state)
    check("system.S3_nobody_restarted", run.roles() == roles, f"{roles} {run.roles()}")


def main():
    with SteppedRun("small.yaml", policy="rule") as run:
        check_steps(run)
    run = ParkRun("small.yaml", "--speed", str(SPEED), "--start", "2025-07-14T10:00:00+08:00")
    disk = SmallDisk(run.state)
    try:
        with run:
            check("system.roles", set(run.roles()) == set(ROLES), str(run.roles()))
            recorder = Recorder(run)
            check_solver(run)
            if disk.mounted:
                check_disk_full(run, disk)
            else:
                print("ok system.S2_disk_full # skip this user may mount nothing")
            check_store_slow(run)
            check_contradiction(run)
            check_door_shut(run)
            rows = recorder.stop()
            over = longest_above_s(rows, 630)
            check("system.import_limit_held", over <= 5, f"{over:.1f} s above 630 kW")
    finally:
        disk.close()
    return check.done()


if __name__ == "__main__":
    sys.exit(main())
