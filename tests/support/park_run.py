"""A simulated park with the controller on it, for tests of the running thing: both processes on
ports of their own in a temporary folder, the HTTP API, the command line, and the simulator's
control socket as the referee's view. Every process is ended by its own number."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "hil"))
import simlib  # noqa: E402
from simlib import BINARY, Sim, wait_until  # noqa: E402

ROLES = ("park", "field", "plan", "store", "web")
READY_S = 20


def children_of(pid):
    """{pid: [words of its command line]} of a process's living children."""
    found = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid and fields[0] not in "ZX":
                words = (stat.parent / "cmdline").read_bytes().split(b"\0")
                found[int(stat.parent.name)] = [w.decode(errors="replace") for w in words if w]
        except OSError:
            continue  # it has just ended
    return found


class Recorder:
    """Writes down truth() ten times a second over a connection of its own, while others talk."""

    def __init__(self, run):
        self.rows = []
        self.going = True
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(10)
        self.socket.connect(run.control_path)
        self.thread = threading.Thread(target=self.record)
        self.thread.start()

    def record(self):
        with self.socket, self.socket.makefile("rw") as stream:
            while self.going:
                stream.write("status\n")
                stream.flush()
                self.rows.append(truth_of(stream.readline()))
                time.sleep(0.1)

    def stop(self):
        self.going = False
        self.thread.join()
        return self.rows


class HostLag:
    """Worst delay of this process's own naps: what the machine adds to everybody's lag."""

    def __init__(self):
        self.worst_s = 0.0
        self.going = True
        self.thread = threading.Thread(target=self.nap)
        self.thread.start()

    def nap(self):
        while self.going:
            began = time.monotonic()
            time.sleep(0.05)
            self.worst_s = max(self.worst_s, time.monotonic() - began - 0.05)

    def stop_us(self):
        self.going = False
        self.thread.join()
        return self.worst_s * 1e6


def truth_of(line):
    """The simulator's status as numbers (its `time` stays text)."""
    out = {}
    for word in line.split()[1:]:
        key, _, value = word.partition("=")
        out[key] = value if key == "time" else float(value)
    return out


def longest_above_s(rows, limit_kw):
    """Longest unbroken simulated time with the PCC above a limit."""
    longest, since = 0.0, None
    for row in rows:
        since = since if since is not None else row["elapsed_s"]
        if row["pcc_kw"] <= limit_kw:
            since = None
        else:
            longest = max(longest, row["elapsed_s"] - since)
    return longest


class ParkRun(Sim):
    """`kilnwatt sim` and `kilnwatt run` on one park. Use as a context manager."""

    def __init__(self, park, *args, policy="plan", edit=None):
        super().__init__(park, "--quiet", *args, edit=edit)
        self.policy = policy
        self.state = f"{self.dir}/state"
        self.log_path = f"{self.dir}/run.log"
        self.controller = None
        speed = args[args.index("--speed") + 1] if "--speed" in args else "1"
        self.speed = 1.0 if speed == "lockstep" else float(speed)

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, kind, value, trace):
        if kind:
            print(self.log_tail())
        self.end()

    # ---- The controller's processes ----

    def run_command(self):
        return [BINARY, "run", self.park_file, "--state", self.state, "--policy", self.policy,
                "--sim", self.control_path]

    def start(self):
        """Starts the controller and waits until it steers; returns the seconds that it took."""
        began = time.monotonic()
        with open(self.log_path, "ab") as log:
            self.controller = subprocess.Popen(self.run_command(), stdout=log, stderr=log)
        if not wait_until(self.is_ready, READY_S):
            raise RuntimeError(f"the controller is not ready after {READY_S} s")
        return time.monotonic() - began

    def is_ready(self):
        if self.controller.poll() is not None:
            raise RuntimeError(f"the controller ended with {self.controller.returncode}")
        try:
            status = self.status()
        except OSError:
            return False
        return bool(status.get("fresh")) and status.get("pcc_kw") is not None \
            and status.get("mode") != "starting"

    def roles(self):
        """{role: pid} of the supervisor's living children."""
        out = {}
        for pid, words in children_of(self.controller.pid).items():
            if "role" in words[:-1]:
                out[words[words.index("role") + 1]] = pid
        return out

    def stop_controller(self):
        """In good order; returns its exit status."""
        self.controller.send_signal(signal.SIGTERM)
        return self.controller.wait(15)

    def kill_all(self):
        """The supervisor first, so that it restarts nobody; roles whose parent dies die, too."""
        pids = list(self.roles().values())
        self.controller.kill()
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.controller.wait(5)

    def end(self):
        """Ends what is left and removes the folder."""
        if self.controller and self.controller.poll() is None:
            try:
                self.stop_controller()
            except subprocess.TimeoutExpired:
                self.kill_all()
        if self.process.poll() is None:
            try:
                self.stop()
            except (OSError, subprocess.TimeoutExpired):
                self.process.kill()
                self.process.wait(5)
        shutil.rmtree(self.dir, ignore_errors=True)

    def log(self):
        return pathlib.Path(self.log_path).read_text(errors="replace")

    def log_tail(self, lines=30):
        try:
            return "\n".join(self.log().splitlines()[-lines:])
        except OSError:
            return "(no log)"

    # ---- Talking to the controller ----

    def token(self):
        return pathlib.Path(self.state, "token").read_text().strip()

    def request(self, method, path, body=None, headers=None):
        """(status, headers, bytes); body: bytes, text, or anything that becomes JSON."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        connection = http.client.HTTPConnection("127.0.0.1", self.web_port, timeout=10)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except http.client.HTTPException as e:
            raise ConnectionError(str(e)) from e
        finally:
            connection.close()

    def get(self, path):
        return json.loads(self.request("GET", path)[2])

    def send(self, method, path, body=None, headers=None):
        """As operator: (status, JSON)."""
        headers = {"Authorization": f"Bearer {self.token()}", "Content-Type": "application/json",
                   **(headers or {})}
        status, _, text = self.request(method, path, body, headers)
        return status, json.loads(text)

    def status(self):
        return self.get("/api/v1/status")

    def devices(self):
        """{name: device with its link}."""
        return {d["name"]: d for d in self.get("/api/v1/devices")["devices"]}

    def event(self, ident):
        return self.get(f"/api/v1/dr/events/{ident}")

    def cli(self, *args):
        """A sub-command that talks to this controller, ended."""
        return subprocess.run([BINARY, *args, "--park", self.park_file, "--token",
                               f"{self.state}/token"], capture_output=True, text=True, timeout=30,
                              check=False)

    # ---- The referee's view ----

    def truth(self):
        return truth_of(self.ask("status"))

    def judged(self):
        return json.loads(self.ask("judge")[3:])

    def watch(self, simulated_s, each=None, step_s=0.1):
        """[truth] every step_s real seconds until so many simulated seconds have gone."""
        rows = [self.truth()]
        until = rows[0]["elapsed_s"] + simulated_s
        while rows[-1]["elapsed_s"] < until:
            time.sleep(step_s)
            rows.append(self.truth())
            if each:
                each(rows[-1])
        return rows

    def pass_time(self, simulated_s):
        time.sleep(simulated_s / self.speed)


def mean_kw(rows):
    """Time-weighted mean of the PCC's power over rows of truth()."""
    area = span = 0.0
    for a, b in zip(rows, rows[1:]):
        area += a["pcc_kw"] * (b["elapsed_s"] - a["elapsed_s"])
        span += b["elapsed_s"] - a["elapsed_s"]
    return area / span if span else rows[0]["pcc_kw"]


if __name__ == "__main__":
    sys.exit("park_run.py is not a test")
