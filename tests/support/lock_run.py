"""One run in lock-step: the simulator, a session that gates time and acts at exact moments, and the
controller; what comes out is the digest of the recording. For tests and benchmarks."""

import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from park_run import BINARY, Sim, simlib, wait_until  # noqa: E402


@dataclasses.dataclass
class Play:
    """What is played: acts are (second, line for the control socket), by time."""
    park: str
    start: str
    end_s: float
    seed: str = "1"
    policy: str = "rule"
    acts: tuple = ()
    one_core: bool = False


def act(play, partner):
    """Does what is to be done and lets time go to the end."""
    good = True
    for at, line in play.acts:
        good = good and partner.until(at)
        answer = partner.ask(line)
        good = good and answer.startswith("ok") or bool(print(f"{line}: {answer}"))
    return good and partner.until(play.end_s)


def run(play):
    """(digest of the recording, what the referee says, good); says what went wrong."""
    core = str(min(os.sched_getaffinity(0)))
    wrap = ["taskset", "-c", core] if play.one_core else []
    sim = Sim(play.park, "--speed", "lockstep", "--start", play.start, "--seed", play.seed,
              "--quiet")
    try:
        return run_on(sim, play, wrap)
    finally:
        if sim.process.poll() is None:
            sim.process.kill()  # with it gone, the controller ends by itself
            sim.process.wait()
        shutil.rmtree(sim.dir, ignore_errors=True)


def run_on(sim, play, wrap):
    partner = simlib.Partner(sim.control_path)
    if play.one_core:
        subprocess.run(["taskset", "-cp", wrap[2], str(sim.process.pid)], check=True,
                       capture_output=True)
    with open(f"{sim.dir}/run.log", "w") as log:
        controller = subprocess.Popen(
            [*wrap, BINARY, "run", sim.park_file, "--state", f"{sim.dir}/state", "--policy",
             play.policy, "--sim", sim.control_path], stdout=log, stderr=log)
    good = wait_until(lambda: "controller" in sim.ask("members"), 20) and act(play, partner)
    digest = partner.ask("record")
    judged = json.loads(partner.ask("judge")[3:])
    partner.close()
    controller.send_signal(signal.SIGTERM)
    try:
        status = controller.wait(20)
    finally:
        controller.kill()
    text = pathlib.Path(sim.dir, "run.log").read_text()
    sim.stop()
    good = good and status == 0 and "stuck" not in text
    if not good:
        print(text[-3000:])
    return digest, judged, good


if __name__ == "__main__":
    sys.exit("lock_run.py is not a test")
