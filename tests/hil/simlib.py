"""Starting the simulator on ports of its own, its control socket, and raw Modbus frames: what the
tests of the simulator share. Debian's python3-pymodbus and the standard library only."""

import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("KILNWATT", str(TOP / "build/kilnwatt"))


class Checks:
    """Prints one line per check; `done()` gives the exit status."""

    def __init__(self):
        self.bad = 0

    def __call__(self, name, good, why=""):
        if good:
            print(f"ok {name}", flush=True)
        else:
            self.bad += 1
            print(f"not ok {name}: {why}", flush=True)
        return good

    def done(self):
        return 1 if self.bad else 0


def free_base(count):
    """First of `count` ports that nobody listens on now."""
    base = 20000 + os.getpid() * 131 % 12000
    for _ in range(200):
        try:
            for port in range(base, base + count):
                with socket.socket() as s:
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    s.bind(("127.0.0.1", port))
            return base
        except OSError:
            base = 20000 + (base + count - 20000) % 12000
    raise RuntimeError("no free ports")


class Sim:
    """One `kilnwatt sim` on a copy of a park file with fresh ports."""

    def __init__(self, park, *args, edit=None):
        self.keep = tempfile.TemporaryDirectory(prefix="sim")
        self.dir = self.keep.name
        source = TOP / "etc/parks" / park
        text = source.read_text().replace("../", f"{TOP}/etc/")
        ports = sorted(set(int(p) for p in re.findall(r"port: (\d+)", text)))
        base = free_base(len(ports) + 1)
        self.port = {p: base + i for i, p in enumerate(ports)}
        self.web_port = base + len(ports)
        text = re.sub(r"listen: 127\.0\.0\.1:\d+", f"listen: 127.0.0.1:{self.web_port}", text)
        text = re.sub(r"port: (\d+)", lambda m: f"port: {self.port[int(m.group(1))]}", text)
        text = edit(text) if edit else text
        path = pathlib.Path(self.dir) / "parks" / park
        path.parent.mkdir()
        path.write_text(text)
        (pathlib.Path(self.dir) / "devices").symlink_to(TOP / "etc/devices")
        self.park_file = str(path)
        self.control_path = f"{self.dir}/sim.sock"
        self.report = f"{self.dir}/report.json"
        self.process = subprocess.Popen(
            [BINARY, "sim", str(path), "--devices", str(TOP / "etc/devices"), "--control",
             self.control_path, "--report", self.report, *args],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.banner = ""
        for line in self.process.stdout:
            self.banner += line
            if line.startswith("simulating"):
                break
        else:
            raise RuntimeError(f"the simulator did not start:\n{self.banner}")
        self.control = socket.socket(socket.AF_UNIX)
        self.control.settimeout(10)
        self.control.connect(self.control_path)
        self.stream = self.control.makefile("rw")

    def ask(self, line):
        self.stream.write(line + "\n")
        self.stream.flush()
        return self.stream.readline().rstrip("\n")

    def value(self, point):
        answer = self.ask(f"get {point}")
        return float(answer[3:]) if answer.startswith("ok ") else None

    def dump(self):
        """{(point, port, unit, fc, address): (value, [words])}; points without registers left out."""
        head = self.ask("dump")
        out = {}
        for _ in range(int(head.split()[1])):
            word = self.stream.readline().split()
            if word[2] != "-":
                key = (word[0], int(word[3]), int(word[4]), int(word[5]), int(word[6]))
                out[key] = (float(word[1]), [int(w, 16) for w in word[7:]])
        return out

    def cpu_s(self):
        field = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(field[11]) + int(field[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        """Ends it in good order; returns its exit status."""
        try:
            self.ask("stop")
            self.control.close()
        except OSError:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(10)
        finally:
            if self.process.poll() is None:
                self.process.kill()
            self.process.stdout.close()


class Partner:
    """A session that takes part in the lock-step: time waits for it."""

    def __init__(self, path, name="test"):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(300)  # a plan of a large park stops time for long
        self.socket.connect(path)
        self.stream = self.socket.makefile("rw")
        assert self.ask(f"join {name}") == "ok"

    def ask(self, line):
        self.stream.write(line + "\n")
        self.stream.flush()
        return self.stream.readline().rstrip("\n")

    def until(self, seconds):
        """Lets time go on; true if it was granted for exactly that moment."""
        word = self.ask(f"idle {int(seconds * 1e6)}").split()
        while word[:1] == ["grant"] and int(word[1]) < seconds * 1e6:
            word = self.ask(f"idle {int(seconds * 1e6)}").split()
        return word[:2] == ["grant", str(int(seconds * 1e6))]

    def close(self):
        self.stream.close()
        self.socket.close()


def connect(port):
    s = socket.create_connection(("127.0.0.1", port), 5)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def frame(pdu, tid=1, unit=1, protocol=0, length=None):
    return struct.pack(">HHHB", tid, protocol, len(pdu) + 1 if length is None else length, unit) + pdu


def read_pdu(fc, addr, count):
    return struct.pack(">BHH", fc, addr, count)


def receive(s, timeout=2.0):
    """One answer: (tid, unit, pdu); None when the other side has closed; b"" after the timeout."""
    s.settimeout(timeout)
    data = b""
    try:
        while len(data) < 7 or len(data) < 6 + struct.unpack(">H", data[4:6])[0]:
            got = s.recv(7 - len(data) if len(data) < 7 else
                         6 + struct.unpack(">H", data[4:6])[0] - len(data))
            if not got:
                return None
            data += got
    except socket.timeout:
        return b""
    except ConnectionError:
        return None
    tid, _, _, unit = struct.unpack(">HHHB", data[:7])
    return tid, unit, data[7:]


def wait_until(condition, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


if __name__ == "__main__":
    sys.exit("simlib.py is not a test")
