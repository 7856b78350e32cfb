#!/usr/bin/env python3
"""Every point of every shipped profile, read by clients that are not ours: pymodbus over TCP for all
devices, and over a serial bus (a pty, 115200 8N1) one device of each profile. What a client reads is what the
simulator says that it shows; beside the mapped registers there is exception 2."""

import os
import re
import sys
import termios

sys.dont_write_bytecode = True
import simlib  # noqa: E402
from rtulib import Line  # noqa: E402
from simlib import TOP, Sim, read_pdu  # noqa: E402
from test_sim_points import ModbusTcpClient, read_words  # noqa: E402

check = simlib.Checks()
START = "2025-07-14T12:00:00+08:00"
# no address of theirs is mapped by any profile
NOWHERE = 65000


def every_profile(text):
    """An edit of the reference park: its first heat pump of another make, the utilities, and what the site
    park has beside it."""
    text = text.replace("profile: kilnwatt-heat-pump-plc", "profile: midea-heat-pump, signed_off: test", 1)
    rows = ""
    for park, names in (("utilities", "cold|air|water|orc1"), ("site", "pv1|caps1|office")):
        more = (TOP / f"tests/data/{park}_park.yaml").read_text().split("devices:\n", 1)[1]
        rows += "".join(re.findall(rf"  - \{{name: (?:{names}),.*?\}}(?=\n  - |\n*\Z)\n?", more, re.S))
    first = max(int(p) for p in re.findall(r"port: (\d+)", text)) + 2
    for i, old in enumerate(sorted(set(re.findall(r"port: (\d+)", rows)))):
        rows = rows.replace(f"port: {old}", f"port: {first + i}")
    follows = re.search(r"name: (\w+), kind: roller_kiln", text).group(1)
    rows = rows.replace("follows: fans", f"follows: {follows}")
    return re.sub(r"\ndevices:\n", lambda m: m.group(0) + rows, text, count=1)


def profiles_of(text):
    """Device: profiles of its parts, in order."""
    rows = re.split(r"\n  - \{name: ", text)[1:]
    return {row.split(",", 1)[0]: re.findall(r"profile: ([\w-]+)", row) for row in rows if "kind:" in row}


def check_tcp(sim):
    clients, wrong = {}, []
    shown = sim.dump()
    for (point, port, unit, fc, addr), (_, words) in sorted(shown.items()):
        client = clients.setdefault(port, ModbusTcpClient("127.0.0.1", port=port))
        got = read_words(client, unit, fc, addr, len(words))
        if got != words:
            wrong.append(f"{point} at {fc}:{addr}: read {got}, shown {words}")
    print(f"{len(shown)} points on {len(clients)} ports over TCP")
    check("points.tcp", len(shown) > 300 and not wrong, "; ".join(wrong[:3]))
    answers = [client.read_holding_registers(NOWHERE, 1, slave=unit)
               for (_, unit), client in {(k[1], k[2]): clients[k[1]] for k in shown}.items()]
    check("points.unmapped", all(a.isError() and a.exception_code == 2 for a in answers),
          str([a for a in answers if not a.isError()]))
    for client in clients.values():
        client.close()
    return shown


def one_of_each(profiles):
    """Devices that together have all profiles, as (device, its number on the bus)."""
    seen, chosen = set(), []
    for device, parts in profiles.items():
        if set(parts) - seen:
            seen |= set(parts)
            chosen.append((device, 1 + 4 * len(chosen)))
    return seen, chosen


def check_bus(bus, chosen, shown):
    line, wrong, count = Line(bus, termios.B115200), [], 0
    for device, number in chosen:
        rows = {k: v for k, v in shown.items() if k[0].split(".")[0] == device}
        first = min(k[2] for k in rows)
        for (point, _, unit, fc, addr), (_, words) in sorted(rows.items()):
            answer = line.ask(number + unit - first, read_pdu(fc, addr, len(words)), 2)
            width = 2 if fc > 2 else 1
            got = answer and [int.from_bytes(answer[2 + width * i:2 + width * (i + 1)], "big")
                              for i in range(len(words))]
            count += 1
            if got != words or answer[1] != width * len(words):
                wrong.append(f"{point} at {fc}:{addr}: read {got}, shown {words}")
    print(f"{count} points of {len(chosen)} devices over a serial bus")
    check("points.pty", count > 150 and not wrong, "; ".join(wrong[:3]))
    line.close()


def main():
    """What the registers show is frozen while they are read; the bus needs its time."""
    seen, chosen = one_of_each(profiles_of(every_profile((TOP / "etc/parks/ceramics.yaml").read_text())))
    missing = {p.stem for p in (TOP / "etc/devices").glob("*.yaml")} - seen
    check("points.all_profiles", not missing and len(seen) >= 20, f"not read: {sorted(missing)}")
    bus = f"{os.environ.get('TMPDIR', '/tmp')}/all.bus"
    units = ",".join(f"{device}:{number}" for device, number in chosen)
    sim = Sim("ceramics.yaml", "--start", START, "--quiet", "--rtu", f"{bus}={units}@115200,8N1,0",
              edit=every_profile)
    try:
        sim.ask("inject all freeze")
        shown = check_tcp(sim)
        check_bus(bus, chosen, shown)
        still = {k: w for k, (_, w) in sim.dump().items()} == {k: w for k, (_, w) in shown.items()}
        check("points.stood_still", still, "what is shown moved")
    finally:
        sim.stop()
    return check.done()


if __name__ == "__main__":
    sys.exit(main())
