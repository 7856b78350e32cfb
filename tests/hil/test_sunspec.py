#!/usr/bin/env python3
"""A SunSpec client of its own finds the simulated devices by walking their models, as pysunspec2 does:
base 40000, 0 or 50000, "SunS" in three registers, then ID and length one register at a time to the end
model. It knows the models from the standard's definitions (sunspec/models: 1, 103, 120, 123, 701, 704, 802),
not from our profiles. Standard library only."""

import pathlib
import re
import socket
import struct
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import simlib  # noqa: E402
from park_run import ParkRun  # noqa: E402
from simlib import TOP, Sim, connect, frame, read_pdu, receive, wait_until  # noqa: E402

check = simlib.Checks()
START = "2025-07-14T12:00:00+08:00"
SPEED = 5  # where a limit is looked at: the inverter takes minutes to start
BASES = (40000, 0, 50000)
END = 0xFFFF

# type: words, format, what "not implemented" is
TYPES = {"int16": (1, ">h", -0x8000), "uint16": (1, ">H", 0xFFFF), "enum16": (1, ">H", 0xFFFF),
         "bitfield16": (1, ">H", 0xFFFF), "sunssf": (1, ">h", -0x8000), "acc32": (2, ">I", 0),
         "uint32": (2, ">I", 0xFFFFFFFF), "bitfield32": (2, ">I", 0xFFFFFFFF),
         "int32": (2, ">i", -0x80000000), "uint64": (4, ">Q", 0xFFFFFFFFFFFFFFFF),
         "acc64": (4, ">Q", 0)}


def rows(kind, *names):
    return [(name, kind, None) for name in names]


def scaled(kind, sf, *names):
    return [(name, kind, sf) for name in names]


def phase(n, line):
    """Model 701's points of a phase; line: of the voltage to the next."""
    return [*scaled("int16", "W_SF", f"WL{n}"), *scaled("int16", "VA_SF", f"VAL{n}"),
            *scaled("int16", "Var_SF", f"VarL{n}"), *scaled("uint16", "PF_SF", f"PFL{n}"),
            *scaled("int16", "A_SF", f"AL{n}"), *scaled("int16", "V_SF", f"V{line}", f"VL{n}"),
            *scaled("uint64", "TotWh_SF", f"TotWhInjL{n}", f"TotWhAbsL{n}"),
            *scaled("uint64", "TotVarh_SF", f"TotVarhInjL{n}", f"TotVarhAbsL{n}")]


def reverting(name):
    """Model 704: how a setting is reverted."""
    return [*rows("enum16", f"{name}EnaRvrt"), *rows("uint32", f"{name}RvrtTms", f"{name}RvrtRem")]


def factor(name):
    return [*scaled("uint16", "PF_SF", f"{name}_PF"), *rows("enum16", f"{name}_Ext")]


# model: its points in order, as (name, type, name of the scale factor); a text is ("Mn", words)
MODELS = {
    1: [("Mn", 16), ("Md", 16), ("Opt", 8), ("Vr", 8), ("SN", 16), *rows("uint16", "DA"),
        *rows("int16", "Pad")],
    103: [*scaled("uint16", "A_SF", "A", "AphA", "AphB", "AphC"), *rows("sunssf", "A_SF"),
          *scaled("uint16", "V_SF", "PPVphAB", "PPVphBC", "PPVphCA", "PhVphA", "PhVphB", "PhVphC"),
          *rows("sunssf", "V_SF"), *scaled("int16", "W_SF", "W"), *rows("sunssf", "W_SF"),
          *scaled("uint16", "Hz_SF", "Hz"), *rows("sunssf", "Hz_SF"), *scaled("int16", "VA_SF", "VA"),
          *rows("sunssf", "VA_SF"), *scaled("int16", "VAr_SF", "VAr"), *rows("sunssf", "VAr_SF"),
          *scaled("int16", "PF_SF", "PF"), *rows("sunssf", "PF_SF"), *scaled("acc32", "WH_SF", "WH"),
          *rows("sunssf", "WH_SF"), *scaled("uint16", "DCA_SF", "DCA"), *rows("sunssf", "DCA_SF"),
          *scaled("uint16", "DCV_SF", "DCV"), *rows("sunssf", "DCV_SF"), *scaled("int16", "DCW_SF", "DCW"),
          *rows("sunssf", "DCW_SF"), *scaled("int16", "Tmp_SF", "TmpCab", "TmpSnk", "TmpTrns", "TmpOt"),
          *rows("sunssf", "Tmp_SF"), *rows("enum16", "St", "StVnd"),
          *rows("bitfield32", "Evt1", "Evt2", "EvtVnd1", "EvtVnd2", "EvtVnd3", "EvtVnd4")],
    120: [*rows("enum16", "DERTyp"), *scaled("uint16", "WRtg_SF", "WRtg"), *rows("sunssf", "WRtg_SF"),
          *scaled("uint16", "VARtg_SF", "VARtg"), *rows("sunssf", "VARtg_SF"),
          *scaled("int16", "VArRtg_SF", "VArRtgQ1", "VArRtgQ2", "VArRtgQ3", "VArRtgQ4"),
          *rows("sunssf", "VArRtg_SF"), *scaled("uint16", "ARtg_SF", "ARtg"), *rows("sunssf", "ARtg_SF"),
          *scaled("int16", "PFRtg_SF", "PFRtgQ1", "PFRtgQ2", "PFRtgQ3", "PFRtgQ4"),
          *rows("sunssf", "PFRtg_SF"), *scaled("uint16", "WHRtg_SF", "WHRtg"), *rows("sunssf", "WHRtg_SF"),
          *scaled("uint16", "AhrRtg_SF", "AhrRtg"), *rows("sunssf", "AhrRtg_SF"),
          *scaled("uint16", "MaxChaRte_SF", "MaxChaRte"), *rows("sunssf", "MaxChaRte_SF"),
          *scaled("uint16", "MaxDisChaRte_SF", "MaxDisChaRte"), *rows("sunssf", "MaxDisChaRte_SF"),
          *rows("int16", "Pad")],
    123: [*rows("uint16", "Conn_WinTms", "Conn_RvrtTms"), *rows("enum16", "Conn"),
          *scaled("uint16", "WMaxLimPct_SF", "WMaxLimPct"),
          *rows("uint16", "WMaxLimPct_WinTms", "WMaxLimPct_RvrtTms", "WMaxLimPct_RmpTms"),
          *rows("enum16", "WMaxLim_Ena"), *scaled("int16", "OutPFSet_SF", "OutPFSet"),
          *rows("uint16", "OutPFSet_WinTms", "OutPFSet_RvrtTms", "OutPFSet_RmpTms"),
          *rows("enum16", "OutPFSet_Ena"),
          *scaled("int16", "VArPct_SF", "VArWMaxPct", "VArMaxPct", "VArAvalPct"),
          *rows("uint16", "VArPct_WinTms", "VArPct_RvrtTms", "VArPct_RmpTms"),
          *rows("enum16", "VArPct_Mod", "VArPct_Ena"),
          *rows("sunssf", "WMaxLimPct_SF", "OutPFSet_SF", "VArPct_SF")],
    701: [*rows("enum16", "ACType", "St", "InvSt", "ConnSt"), *rows("bitfield32", "Alrm", "DERMode"),
          *scaled("int16", "W_SF", "W"), *scaled("int16", "VA_SF", "VA"), *scaled("int16", "Var_SF", "Var"),
          *scaled("uint16", "PF_SF", "PF"), *scaled("int16", "A_SF", "A"),
          *scaled("int16", "V_SF", "LLV", "LNV"), *scaled("uint32", "Hz_SF", "Hz"),
          *scaled("uint64", "TotWh_SF", "TotWhInj", "TotWhAbs"),
          *scaled("uint64", "TotVarh_SF", "TotVarhInj", "TotVarhAbs"),
          *scaled("int16", "Tmp_SF", "TmpAmb", "TmpCab", "TmpSnk", "TmpTrns", "TmpSw", "TmpOt"),
          *phase(1, "L1L2"), *phase(2, "L2L3"), *phase(3, "L3L1"), *rows("uint16", "ThrotPct"),
          *rows("bitfield32", "ThrotSrc"),
          *rows("sunssf", "A_SF", "V_SF", "Hz_SF", "W_SF", "PF_SF", "VA_SF", "Var_SF", "TotWh_SF", "TotVarh_SF",
                "Tmp_SF"), ("MnAlrmInfo", 32)],
    704: [*rows("enum16", "PFWInjEna"), *reverting("PFWInj"), *rows("enum16", "PFWAbsEna"),
          *reverting("PFWAbs"), *rows("enum16", "WMaxLimPctEna"),
          *scaled("uint16", "WMaxLimPct_SF", "WMaxLimPct", "WMaxLimPctRvrt"), *reverting("WMaxLimPct"),
          *rows("enum16", "WSetEna", "WSetMod"), *scaled("int32", "WSet_SF", "WSet", "WSetRvrt"),
          *scaled("int16", "WSetPct_SF", "WSetPct", "WSetPctRvrt"), *reverting("WSet"),
          *rows("enum16", "VarSetEna", "VarSetMod", "VarSetPri"),
          *scaled("int32", "VarSet_SF", "VarSet", "VarSetRvrt"),
          *scaled("int16", "VarSetPct_SF", "VarSetPct", "VarSetPctRvrt"), *reverting("VarSet"),
          *rows("uint16", "WRmp"), *rows("enum16", "WRmpRef"), *rows("uint16", "VarRmp"),
          *rows("enum16", "AntiIslEna"),
          *rows("sunssf", "PF_SF", "WMaxLimPct_SF", "WSet_SF", "WSetPct_SF", "VarSet_SF", "VarSetPct_SF"),
          *factor("PFWInj"), *factor("PFWInjRvrt"), *factor("PFWAbs"), *factor("PFWAbsRvrt")],
    802: [*scaled("uint16", "AHRtg_SF", "AHRtg"), *scaled("uint16", "WHRtg_SF", "WHRtg"),
          *scaled("uint16", "WChaDisChaMax_SF", "WChaRteMax", "WDisChaRteMax"),
          *scaled("uint16", "DisChaRte_SF", "DisChaRte"), *scaled("uint16", "SoC_SF", "SoCMax", "SoCMin",
                                                                 "SocRsvMax", "SoCRsvMin", "SoC"),
          *scaled("uint16", "DoD_SF", "DoD"), *scaled("uint16", "SoH_SF", "SoH"), *rows("uint32", "NCyc"),
          *rows("enum16", "ChaSt", "LocRemCtl"), *rows("uint16", "Hb", "CtrlHb", "AlmRst"),
          *rows("enum16", "Typ", "State"), *rows("enum16", "StateVnd"), *rows("uint32", "WarrDt"),
          *rows("bitfield32", "Evt1", "Evt2", "EvtVnd1", "EvtVnd2"),
          *scaled("uint16", "V_SF", "V", "VMax", "VMin", "CellVMax"), *rows("uint16", "CellVMaxStr",
                                                                           "CellVMaxMod"),
          *scaled("uint16", "CellV_SF", "CellVMin"), *rows("uint16", "CellVMinStr", "CellVMinMod"),
          *scaled("uint16", "CellV_SF", "CellVAvg"), *scaled("int16", "A_SF", "A"),
          *scaled("uint16", "AMax_SF", "AChaMax", "ADisChaMax"), *scaled("int16", "W_SF", "W"),
          *rows("enum16", "ReqInvState"), *scaled("int16", "W_SF", "ReqW"),
          *rows("enum16", "SetOp", "SetInvState"),
          *rows("sunssf", "AHRtg_SF", "WHRtg_SF", "WChaDisChaMax_SF", "DisChaRte_SF", "SoC_SF", "DoD_SF",
                "SoH_SF", "V_SF", "CellV_SF", "A_SF", "AMax_SF", "W_SF")],
}
LENGTHS = {1: 66, 103: 50, 120: 26, 123: 24, 701: 153, 704: 65, 802: 62}


class Client:
    def __init__(self, port, unit):
        self.socket, self.unit = connect(port), unit

    def read(self, addr, count):
        self.socket.sendall(frame(read_pdu(3, addr, count), tid=0, unit=self.unit))
        answer = receive(self.socket)
        if not answer or answer[2][0] != 3:
            return None
        return struct.unpack(f">{count}H", answer[2][2:])

    def read_long(self, addr, count):
        """In as many requests as it takes: 125 registers are the most of one."""
        words = ()
        for at in range(0, count, 125):
            words += self.read(addr + at, min(125, count - at))
        return words

    def write(self, addr, value):
        self.socket.sendall(frame(struct.pack(">BHH", 6, addr, value), tid=0, unit=self.unit))
        answer = receive(self.socket)
        return bool(answer) and answer[2][0] == 6

    def write_many(self, addr, *values):
        head = struct.pack(">BHHB", 16, addr, len(values), 2 * len(values))
        self.socket.sendall(frame(head + struct.pack(f">{len(values)}H", *values), tid=0, unit=self.unit))
        answer = receive(self.socket)
        return bool(answer) and answer[2][0] == 16

    def scan(self):
        """(base, [(model, address of its first point, length)]); base None where there is none."""
        for base in BASES:
            head = self.read(base, 3)
            if head and struct.pack(">HH", *head[:2]) == b"SunS":
                break
        else:
            return None, []
        found, at = [], base + 2
        while len(found) < 100:
            model, = self.read(at, 1)
            if model == END:
                return base, found
            length, = self.read(at + 1, 1)
            found.append((model, at + 2, length))
            at += 2 + length
        return base, found

    def close(self):
        self.socket.close()


def points_of(model):
    """Name: (offset, type or None for text, scale factor, words)."""
    out, at = {}, 0
    for name, kind, *sf in MODELS[model]:
        words = kind if isinstance(kind, int) else TYPES[kind][0]
        out[name] = (at, None if isinstance(kind, int) else kind, sf[0] if sf else None, words)
        at += words
    return out, at


def decode(model, block):
    """Name: value; None where the device has none."""
    points, _ = points_of(model)
    raw, out = {}, {}
    for name, (at, kind, _, words) in points.items():
        data = struct.pack(f">{words}H", *block[at:at + words])
        if kind is None:
            raw[name] = data.rstrip(b"\0").decode() or None
            continue
        _, form, absent = TYPES[kind]
        value, = struct.unpack(form, data)
        raw[name] = None if value == absent else value
    for name, (_, _, sf, _) in points.items():
        out[name] = raw[name]
        if sf and raw[name] is not None:
            out[name] = None if raw[sf] is None else raw[name] * 10.0 ** raw[sf]
    return out, raw


def read_models(client, found):
    return {model: decode(model, client.read_long(at, length)) for model, at, length in found}


# model, point: the plant's point and how many of its units one of the model's is, for the two devices
PV = {(103, "W"): ("kw", 1e-3), (103, "VAr"): ("kvar", 1e-3), (103, "WH"): ("yield_kwh", 1e-3),
      (103, "TmpCab"): ("degc", 1), (123, "WMaxLimPct"): ("limit_pu", 0.01),
      (123, "WMaxLimPct_RvrtTms"): ("limit_timeout_s", 1), (123, "WMaxLim_Ena"): ("limit_on", 1)}
BATTERY = {(802, "SoC"): ("soc_pu", 0.01), (802, "SoH"): ("soh_pu", 0.01)}
DER = {(701, "W"): ("kw", 1e-3), (701, "Var"): ("kvar", 1e-3), (701, "TotWhInj"): ("yield_kwh", 1e-3),
       (701, "TmpCab"): ("degc", 1), (704, "WMaxLimPctEna"): ("limit_on", 1),
       (704, "WMaxLimPct"): ("limit_pu", 0.01), (704, "WMaxLimPctRvrt"): ("fallback_pu", 0.01),
       (704, "WMaxLimPctEnaRvrt"): ("fallback_on", 1), (704, "WMaxLimPctRvrtTms"): ("limit_timeout_s", 1)}
TOLD_TOO = {(701, "ACType"), (701, "InvSt"), (1, "Mn"), (1, "Md"), (1, "Opt"), (1, "Vr"), (1, "SN"), (1, "DA"), (103, "St")}


def check_values(name, models, table, truth):
    wrong, told = [], set()
    for model, (values, raw) in models.items():
        for point, value in values.items():
            if value is None or point.endswith("_SF"):
                continue
            told.add((model, point))
            if (model, point) not in table:
                continue
            of, unit = table[model, point]
            sf = points_of(model)[0][point][2]
            digit = unit * (10.0 ** raw[sf] if sf else 1)
            if abs(value * unit - truth[of]) > digit * 1.0000001:
                wrong.append(f"{point} is {value * unit}, the plant {truth[of]}")
    check(f"sunspec.{name}_values", not wrong, "; ".join(wrong))
    # an accumulator that stands at 0 is one that is not implemented
    wanted = {k for k in table if truth[table[k][0]] or not k[1] == "WH"}
    check(f"sunspec.{name}_others_absent", told - TOLD_TOO == wanted, f"{sorted(told - TOLD_TOO)}")


def check_device(sim, name, at, wanted, table):
    port, unit, base = at
    client = Client(port, unit)
    began = time.monotonic()
    found_base, found = client.scan()
    took = time.monotonic() - began
    print(f"{name}: {[m for m, _, _ in found]} at {found_base} in {took * 1e3:.0f} ms")
    check(f"sunspec.{name}_models", found_base == base and
          [(m, n) for m, _, n in found] == [(m, LENGTHS[m]) for m in wanted], f"{found_base}, {found}")
    check(f"sunspec.{name}_in_2_s", took < 2, f"{took:.2f} s")
    across = client.read(base, 4 + LENGTHS[1] + 3)  # "SunS", the common model, the head of the next
    check(f"sunspec.{name}_across_models", across and across[-3] == wanted[1], str(across))
    device = name.split("_")[0]
    truth = {k[0].split(".")[1]: v for k, (v, _) in sim.dump().items() if k[0].startswith(device + ".")}
    models = read_models(client, found)
    check_values(name, models, table, truth)
    client.close()
    return dict((m, a) for m, a, _ in found)


def check_definitions():
    """The lengths above are those that the standard states, so the client's own tables are whole."""
    for model, length in LENGTHS.items():
        check(f"sunspec.definition_{model}", points_of(model)[1] == length, f"{points_of(model)[1]} words")


def check_limit(sim, port, at):
    """5 % by model 123: the plant goes there no faster than its ramp, 0.1 of its nameplate of 400 kW a
    second, and is there soon."""
    client = Client(port, 1)
    wait_until(lambda: sim.value("pv1.kw") > 45, 60)
    full = sim.value("pv1.kw")
    began = time.monotonic()
    good = client.write(at + 5, 60) and client.write(at + 7, 1) and client.write(at + 3, 500)
    down = wait_until(lambda: sim.value("pv1.kw") <= 20.5, 20)
    took = SPEED * (time.monotonic() - began)
    print(f"from {full:.1f} kW to {sim.value('pv1.kw'):.1f} in {took:.1f} s")
    check("sunspec.limit_taken", good and full > 45, f"{good}, {full}")
    least = (full - 20.5) / 40 - 0.1  # a step of the plant
    check("sunspec.limit_reached_by_ramp", down and least < took < 15, f"{took:.2f} s, least {least:.2f}")
    client.close()


def as_der(text):
    """The small park with a DER inverter, whose safe state nobody has to sign for."""
    text = text.replace("profile: sunspec-inverter", "profile: sunspec-der-inverter")
    return re.sub(r"safe: 0.15, signed_off: [^}]*", "safe: 0.15", text)


def check_reversion(sim, port, at):
    """704: 5 % for 60 s, then 30 % of 400 kW by itself, not all that the sun gives; a write to the limit before
    the end moves it."""
    client = Client(port, 1)
    wait_until(lambda: sim.value("pv1.kw") > 150, 60)
    full = sim.value("pv1.kw")
    good = client.write_many(at + 16, 0, 60) and client.write(at + 14, 3000) and client.write(at + 15, 1) and \
        client.write(at + 12, 1) and client.write(at + 13, 500)
    began = time.monotonic()
    down = wait_until(lambda: sim.value("pv1.kw") <= 20.5, 20)
    check("sunspec.der_limit_taken", good and full > 150 and down, f"{good}, {full}, {sim.value('pv1.kw')}")
    time.sleep(max(0, 30 / SPEED - (time.monotonic() - began)))
    began = time.monotonic()
    client.write(at + 13, 500)
    while sim.value("pv1.limit_pu") < 0.2 and time.monotonic() - began < 100 / SPEED:
        client.read(at + 13, 1)  # reads do not feed it
        time.sleep(0.02)
    took = SPEED * (time.monotonic() - began)
    risen = wait_until(lambda: sim.value("pv1.kw") > 110, 20)
    time.sleep(1)
    after = sim.value("pv1.kw")
    print(f"704: {full:.1f} kW, 20 kW by its limit, {after:.1f} kW from {took:.1f} s after the last write on")
    check("sunspec.der_reverts_in_time", 58 < took < 63, f"{took:.1f} s")
    check("sunspec.der_reverts_to_its_value", risen and abs(after - 120) < 2, f"{after:.1f} kW, 120 wanted")
    client.close()


def check_armed():
    """The controller sets the value to fall back to before it commands, and it holds when all of us are dead."""
    with ParkRun("small.yaml", "--speed", str(SPEED), "--start", START, policy="rule", edit=as_der) as run:
        armed = wait_until(lambda: run.value("pv1.fallback_on") == 1 and run.value("pv1.limit_timeout_s") == 60 and
                           abs(run.value("pv1.fallback_pu") - 0.15) < 1e-9, 20)
        check("sunspec.der_armed", armed, f"{run.value('pv1.fallback_pu')} {run.value('pv1.fallback_on')}")
        run.send("POST", "/api/v1/set", {"point": "pv1.limit_pu", "value": 0.05})
        taken = wait_until(lambda: abs(run.value("pv1.limit_pu") - 0.05) < 1e-9, 20)
        run.kill_all()
        fell = wait_until(lambda: abs(run.value("pv1.limit_pu") - 0.15) < 1e-9, 120 / SPEED)
        run.pass_time(20)
        kw = run.value("pv1.kw")
        check("sunspec.der_safe_when_all_are_dead", taken and fell and kw < 60.5, f"{taken} {fell} {kw} kW of 60")


def shifted(text, base):
    """A profile with its register map moved from 40000 to another base."""
    return re.sub(r"(addr|sf): (4\d{4})", lambda m: f"{m.group(1)}: {int(m.group(2)) - 40000 + base}", text)


def check_der():
    sim = Sim("small.yaml", "--start", START, "--quiet", "--speed", "0.001", edit=as_der)
    try:
        models = check_device(sim, "pv1_der", (sim.port[15521], 1, 40000), [1, 701, 704], DER)
    finally:
        sim.stop()
    sim = Sim("small.yaml", "--start", START, "--quiet", "--speed", str(SPEED), edit=as_der)
    try:
        check_reversion(sim, sim.port[15521], models[704])
    finally:
        sim.stop()
    check_armed()


def check_bases():
    for base in (0, 50000):
        with tempfile.TemporaryDirectory(prefix="sunspec") as folder:
            for file in (TOP / "etc/devices").glob("*.yaml"):
                text = file.read_text()
                moved = shifted(text, base) if file.stem.startswith("sunspec") else text
                (pathlib.Path(folder) / file.name).write_text(moved)
            sim = Sim("small.yaml", "--start", START, "--quiet", "--speed", "0.001", "--devices", folder)
            try:
                check_device(sim, f"pv1_{base}", (sim.port[15521], 1, base), [1, 103, 120, 123], PV)
            finally:
                sim.stop()


def main():
    socket.setdefaulttimeout(5)
    check_definitions()
    sim = Sim("small.yaml", "--start", START, "--quiet", "--speed", "0.001")
    try:
        models = check_device(sim, "pv1", (sim.port[15521], 1, 40000), [1, 103, 120, 123], PV)
        check_device(sim, "bess1", (sim.port[15522], 2, 40000), [1, 802], BATTERY)
    finally:
        sim.stop()
    check_bases()
    sim = Sim("small.yaml", "--start", START, "--quiet", "--speed", str(SPEED))
    try:
        check_limit(sim, sim.port[15521], models[123])
    finally:
        sim.stop()
    check_der()
    return check.done()


if __name__ == "__main__":
    sys.exit(main())
