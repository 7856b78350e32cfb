#!/usr/bin/env python3
"""Stderr goes where nobody takes a byte, as with a journald that hangs or a disk that waits: the
controller starts, ticks and steers all the same, and ends in good order."""

import fcntl
import os
import pathlib
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from park_run import ParkRun, simlib, wait_until  # noqa: E402

check = simlib.Checks()
SINK_BYTES = 4096


class Hung(ParkRun):
    """A park whose controller has a full pipe for stderr."""

    def start(self):
        self.sink, end = os.pipe()
        fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, SINK_BYTES)
        os.write(end, b"." * SINK_BYTES)
        with open(self.log_path, "ab") as log:
            self.controller = subprocess.Popen(self.run_command(), stdout=log, stderr=end)
        os.close(end)
        check("log.starts", wait_until(self.is_ready, 30), "not ready after 30 s")


def main():
    with Hung("small.yaml", "--start", "2025-07-14T10:00:00+08:00") as run:
        before = run.status()["ticks"]
        time.sleep(3)
        ticks = run.status()["ticks"] - before
        check("log.ticks", 2 <= ticks, f"{ticks} ticks in 3 s")
        took = time.monotonic()
        check("log.ends", run.stop_controller() == 0, "another exit status than 0")
        took = time.monotonic() - took
        check("log.ends_soon", took < 10, f"{took:.1f} s")
        os.close(run.sink)
    return check.done()


if __name__ == "__main__":
    sys.exit(main())
