#!/usr/bin/env python3
"""Whether lock-step runs are equal: the controller on a park, over real Modbus TCP, the same seed many
times, on all processors and on one in turn, with or without other work on the machine. Prints
the SHA-256 of each recording (all exchanges and the plants' truth) and how many differ. Status 1
if any does.

    tests/bench/same.py [--park ceramics.yaml] [--runs 10] [--minutes 10] [--policy rule,plan]
                        [--busy N]"""

import argparse
import collections
import os
import pathlib
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import lock_run  # noqa: E402

START = "2025-07-14T11:55:00+08:00"
BUSY = "while True: pass"


def series(ask, policy):
    """Runs of one policy; True if all are good and equal."""
    seen = collections.Counter()
    for i in range(ask.runs):
        play = lock_run.Play(park=ask.park, start=ask.start, end_s=60 * ask.minutes, seed=ask.seed,
                             policy=policy, one_core=i % 2 == 1)
        began = time.monotonic()
        digest, judged, good = lock_run.run(play)
        seen[digest if good else "failed"] += 1
        print(f"{policy:5s} {i + 1:3d} {'one ' if play.one_core else 'all '} {digest} "
              f"referee {judged.get('hash', '-')} {time.monotonic() - began:6.1f} s"
              f"{'' if good else ' FAILED'}", flush=True)
    most = seen.most_common(1)[0][1]
    print(f"{policy}: {ask.runs} runs of {ask.minutes:g} min, {len(seen)} digests, "
          f"{ask.runs - most} differ", flush=True)
    return len(seen) == 1 and "failed" not in seen


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--park", default="ceramics.yaml", help="a park of etc/parks")
    parser.add_argument("--runs", type=int, default=10, help="of each policy")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--policy", default="rule,plan")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--start", default=START)
    parser.add_argument("--busy", type=int, default=0, help="processes that only burn time")
    ask = parser.parse_args()
    ask.park = pathlib.Path(ask.park).name
    others = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(ask.busy)]
    try:
        print(f"{ask.park}, seed {ask.seed}, {len(os.sched_getaffinity(0))} processors, "
              f"{ask.busy} busy loops, load {os.getloadavg()[0]:.1f}", flush=True)
        good = [series(ask, policy) for policy in ask.policy.split(",")]
    finally:
        for other in others:
            other.kill()
            other.wait()
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
