"""The solvers that bench-optimizer compares: how each is called, what its lines say. A run is a
list of points (seconds, yuan, bound): the best plan and the proven bound from then on. Seconds
count from the moment when the solver has its problem in memory; lines are stamped as they come in
over a pseudo-terminal, so that nothing waits in a buffer; our own trace carries its times. glpsol
and HiGHS tell a better bound only every 5 s or with a better plan."""

import math
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3"  # Debian's, which finds Debian's scipy
KILNWATT = os.environ.get("KILNWATT", HERE.parents[1] / "build/kilnwatt")
GAP_PU = 0.001
STOP_PU = 0.000999  # where a run ends
PATIENCE = 4  # on a busy machine
GRACE_S = 15  # for reading the problem and for ending


def gap_pu(yuan, bound):
    """The same for every solver: (best - bound) / max(1, |best|)."""
    if not (math.isfinite(yuan) and math.isfinite(bound)):
        return math.inf
    return max(0.0, (yuan - bound) / max(1.0, abs(yuan)))


def number(text):
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if abs(value) < 1e29 else math.nan


class Reader:
    """Turns lines into points. start(line): the clock begins; read(line): (yuan, bound), NaN for
    what the line does not tell."""

    def __init__(self):
        self.begin, self.stamped = None, False
        self.yuan, self.bound = math.inf, -math.inf
        self.points = []

    def line(self, text, now):
        if self.begin is None and self.start(text):
            self.begin = now
        if self.begin is None:
            return
        at, yuan, bound = now - self.begin, *self.read(text)
        at = at if self.stamped else self.own_time(text, at)
        if yuan < self.yuan or bound > self.bound:
            self.yuan = min(self.yuan, yuan) if not math.isnan(yuan) else self.yuan
            self.bound = max(self.bound, bound) if not math.isnan(bound) else self.bound
            self.points.append((at, self.yuan, self.bound))

    def own_time(self, _text, at):
        return at


class Kilnwatt(Reader):
    TRACE = re.compile(r"trace seconds=(\S+) work=\S+ yuan=(\S+) bound=(\S+)")

    @staticmethod
    def command(base, seconds):
        return [KILNWATT, "plan", "--problem", f"{base}.json", "--trace", "--seconds", str(seconds),
                "--gap", str(STOP_PU)]

    def start(self, text):
        return self.TRACE.match(text)

    def read(self, text):
        found = self.TRACE.match(text)
        return (number(found[2]), number(found[3])) if found else (math.nan, math.nan)

    def own_time(self, text, at):
        found = self.TRACE.match(text)
        return float(found[1]) if found else at


class Highs(Reader):
    ROW = re.compile(r"^\s*[A-Z*]?\s+\d+\s+\d+\s+\d+\s+[\d.]+%\s+(\S+)\s+(\S+)\s")
    LAST = re.compile(r"^\s*(Primal|Dual) bound\s+(\S+)")

    @staticmethod
    def command(base, seconds):
        return [PYTHON, HERE / "highs.py", f"{base}.mps", str(seconds), str(STOP_PU)]

    def start(self, text):
        return text.startswith("start")

    def read(self, text):
        row, last = self.ROW.match(text), self.LAST.match(text)
        if row:
            return number(row[2]), number(row[1])
        if last:
            value = number(last[2])
            return (value, math.nan) if last[1] == "Primal" else (math.nan, value)
        return math.nan, math.nan


class Cbc(Reader):
    PLAN = re.compile(r"^Cbc\d+I (?:Integer solution of|Solution found of) (\S+)")
    BOTH = re.compile(r"^Cbc\d+I .*?(\S+) best solution, best possible (\S+)|"
                      r"^Cbc0005I .*best objective (\S+) \(best possible ([^)]+)\)")
    BOUND = re.compile(r"^Continuous objective value is (\S+)|"
                       r"^Cbc0013I At root node, .* from \S+ to (\S+)|^Lower bound:\s+(\S+)")

    @staticmethod
    def command(base, seconds):
        return ["cbc", f"{base}.mps", "-threads", "0", "-sec", str(seconds), "-timeMode", "elapsed",
                "-ratio", str(STOP_PU), "-solve", "-quit"]

    def start(self, text):
        return "Coin0008I" in text or re.match(r"^Problem .* has \d+ rows", text)

    def read(self, text):
        if text.startswith("Result - Optimal solution found") and "gap" not in text:
            return math.nan, self.yuan
        for pattern, shape in ((self.PLAN, (0, None)), (self.BOTH, (0, 1)),
                               (self.BOUND, (None, 0))):
            found = pattern.match(text)
            if found:
                values = [number(v) for v in found.groups() if v is not None]
                return tuple(math.nan if i is None else values[i] for i in shape)
        return math.nan, math.nan


class Glpsol(Reader):
    TREE = re.compile(r"^\+\s*\d+: (?:mip =|>>>>>)\s+(not found yet|\S+) [>=<]+\s+"
                      r"(tree is empty|\S+)")
    LP = re.compile(r"^[* ]\s*\d+: obj =\s+(\S+)")

    def __init__(self):
        super().__init__()
        self.lp = math.nan

    @staticmethod
    def command(base, seconds):
        return ["glpsol", "--freemps", f"{base}.mps", "--mipgap", str(STOP_PU), "--tmlim",
                str(math.ceil(seconds))]

    def start(self, text):
        return text.startswith("GLPK Integer Optimizer")

    def read(self, text):
        tree, lp = self.TREE.match(text), self.LP.match(text)
        if tree:
            yuan = number(tree[1])
            best = yuan if not math.isnan(yuan) else self.yuan
            return yuan, best if tree[2] == "tree is empty" else number(tree[2])
        self.lp = number(lp[1]) if lp else self.lp
        return math.nan, self.lp if text.startswith("OPTIMAL LP SOLUTION") else math.nan


SOLVERS = {"kilnwatt": Kilnwatt, "HiGHS": Highs, "CBC": Cbc, "glp_intopt": Glpsol}


def end(child):
    """Ends a solver's process group and reaps it; its CPU seconds, and the peak memory in MiB of
    the largest of its processes."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    _, child.returncode, used = os.wait4(child.pid, 0)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def cpu_s(pid):
    """Processor seconds of a process and its children that run."""
    try:
        own = int(pathlib.Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0])
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except (OSError, IndexError):
        return 0.0
    return own / 1e9 + sum(cpu_s(child) for child in children.split())


class Clock:
    """Seconds of the machine, or (busy) of the solver's processor time."""

    def __init__(self, pid, busy):
        self.pid, self.busy, self.latest = pid, busy, 0.0

    def now(self):
        self.latest = max(self.latest, cpu_s(self.pid) if self.busy else time.monotonic())
        return self.latest


def run(name, base, seconds, busy=False):
    """Solves base.mps (base.json) with a solver. Returns its points, its share of a processor
    and its peak memory in MiB. busy: seconds are of processor time, and the solver's own limit is
    PATIENCE times as long."""
    reader = SOLVERS[name]()
    ours, theirs = pty.openpty()
    limit = seconds * PATIENCE if busy else seconds
    began = time.monotonic()
    silent = {"stdout": subprocess.DEVNULL, "stderr": theirs} if name == "kilnwatt" else {
        "stdout": theirs, "stderr": subprocess.STDOUT}
    child = subprocess.Popen(list(map(str, reader.command(base, limit))),
                             stdin=subprocess.DEVNULL, start_new_session=True, **silent)
    os.close(theirs)
    clock, lines, rest = Clock(child.pid, busy), [], b""
    reader.stamped = busy
    first = clock.now()
    while time.monotonic() - began < limit + GRACE_S and clock.now() - first < seconds + GRACE_S:
        if not select.select([ours], [], [], 0.5)[0]:
            continue
        try:
            got = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        *lines, rest = (rest + got).split(b"\n")
        for line in lines:
            reader.line(line.decode(errors="replace").rstrip("\r"), clock.now())
    spent = time.monotonic() - began
    os.close(ours)
    if not reader.points:
        print(f"{name} told nothing; its last line: {lines[-1:]}")
    cpu, peak_mib = end(child)
    return [p for p in reader.points if p[0] <= seconds + 0.5], cpu / spent, peak_mib
