"""A park that only talks: starts the real web and store roles and plays the supervisor and park to them.

The numbers are a made-up summer day of the reference park, so that the dashboard has something to show.
Layouts follow controller/park/messages.h and optimizer/plan.h; a frame of a wrong size is refused by web
and the test then fails for want of data.
"""

import ctypes
import json
import math
import os
import select
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

PARK, STORE, WEB = 1, 4, 5
STOP = 3
SAMPLES, EVENT = 32, 33
IMAGE, STATUS, ALARMS, DR_LIST, PLAN_NOW, LINK_TABLE, ORDERS = range(48, 55)
COMMAND, COMMAND_DONE = 56, 57
GOOD, STALE, BAD, MISSING = 1, 2, 3, 0

NAME, TEXT = 32, 160
u8, u16, u32, i32, u64, i64, f64 = (ctypes.c_uint8, ctypes.c_uint16, ctypes.c_uint32, ctypes.c_int32,
                                    ctypes.c_uint64, ctypes.c_int64, ctypes.c_double)


def text(length):
    return ctypes.c_char * length


def struct(name, **fields):
    return type(name, (ctypes.Structure,), {"_fields_": list(fields.items())})


Head = struct("Head", version=u16, type=u16, sender=u8, to=u8, flags=u16, seq=u32, len=u32)
ImageRow = struct("ImageRow", value=f64, quality=u32, age_ms=u32)
Sample = struct("Sample", point=u32, quality=u32, value=f64, at=i64)
Event = struct("Event", at=i64, severity=u32, pad=u32, source=text(NAME), what=text(NAME), text=text(TEXT))
Link = struct("Link", device=u16, online=u8, trusted=u8, good=u32, failed=u32, timeouts=u32, reconnects=u32,
              missed=u32, latency_us=u32, period_us=u32)
Alarm = struct("Alarm", since=i64, severity=u32, acked=u32, source=text(NAME), what=text(NAME), text=text(TEXT))
Dr = struct("Dr", id=text(NAME), state=u32, direction=u32, kw=f64, baseline_kw=f64, cap_kw=f64,
            delivered_kw=f64, start=i64, end=i64, created=i64, program=text(NAME), actor=text(NAME),
            reason=text(TEXT))
Order = struct("Order", id=text(NAME + 16), device=u16, state=u16, type=u32, window_from=i64, window_to=i64,
               due=i64, planned=i64, started=i64, ended=i64, energy_kwh=f64, done_kwh=f64)
Command = struct("Command", type=u32, point=u32, device=u32, pad=u32, value=f64, for_s=f64, dr=Dr,
                 id=text(NAME + 16), actor=text(NAME), text=text(TEXT))
Done = struct("Done", err=u32, pad=u32, dr=Dr, text=text(TEXT))
Status = struct("Status", at=i64, mode=u32, plan_origin=u32, plan_made=i64, plan_gap_pu=f64,
                plan_cost_yuan=f64, pcc_kw=f64, plan_pcc_kw=f64, import_limit_kw=f64, export_limit_kw=f64,
                demand_15min_kw=f64, demand_target_kw=f64, month_peak_kw=f64, pv_kw=f64, wind_kw=f64,
                battery_kw=f64, load_kw=f64, heat_kw=f64, residual_kw=f64, today_import_kwh=f64,
                today_export_kwh=f64, today_pv_kwh=f64, today_yuan=f64, today_kgco2=f64,
                self_consumption_pu=f64, ticks=u64, ticks_missed=u64, loop_lag_us=u32, fallback=u32,
                reason=text(TEXT))

STEPS, BUSES, MANY, ORDERS_MAX, BREACHES, COSTS = 192, 16, 128, 256, 96, 18
Breach = struct("Breach", kind=i32, first=i32, last=i32, pad=i32, asset=text(32), kw_max=f64, minutes=f64,
                yuan=f64)
Absorption = struct(
    "Absorption", traced=u32, pad=u32, available_kwh=f64, curtailed_kwh=f64, dumped_kwh=f64, lost_kwh=f64,
    bound_kwh=f64, last_yuan_per_kwh=f64, charge_kw=i32 * MANY, discharge_kw=i32 * MANY, in_kw=i32 * MANY,
    dump_kw=i32 * BUSES)
PlanHead = struct(
    "PlanHead", version=u32, steps=u32, start_ms=i64, step_s=f64 * STEPS, origin=i32, status=i32,
    objective_yuan=f64, bound_yuan=f64, gap_pu=f64, work=f64, seconds=f64, cost_yuan=f64 * COSTS,
    bus_count=u32, source_count=u32, load_count=u32, storage_count=u32, converter_count=u32,
    order_count=u32, job_count=u32, machine_count=u32, breach_count=u32, breach_total=u32, pool_count=u32,
    bus_name=text(32) * BUSES, source_name=text(32) * MANY, load_name=text(32) * MANY,
    storage_name=text(32) * MANY, converter_name=text(32) * MANY, order_name=text(32) * ORDERS_MAX,
    order_machine=text(32) * ORDERS_MAX, job_name=text(32) * ORDERS_MAX, machine_name=text(32) * MANY,
    storage_kwh_max=f64 * MANY,
    order_start=i32 * ORDERS_MAX, order_started=u32 * ORDERS_MAX, order_end_s=f64 * ORDERS_MAX,
    import_kw=i32, export_kw=i32, source_used_kw=i32 * MANY, load_shed_kw=i32 * MANY,
    storage_charge_kw=i32 * MANY, storage_discharge_kw=i32 * MANY, storage_energy_kwh=i32 * MANY,
    converter_in_kw=i32 * MANY, converter_on=i32 * MANY, job_draw_kw=i32 * ORDERS_MAX,
    job_on=i32 * ORDERS_MAX, machine_state=i32 * MANY, machine_draw_kw=i32 * MANY, bus_unserved_kw=i32 * BUSES, bus_surplus_kw=i32 * BUSES,
    bus_value_yuan_per_kwh=i32 * BUSES, absorbed=Absorption, breach=Breach * BREACHES)


def pv_pu(hour):
    return max(0.0, math.sin(math.pi * (hour - 5.6) / 13.6)) ** 1.4 if 5.6 < hour < 19.2 else 0.0


def day(hour):
    """Powers of the made-up day in kW at a local hour (also beyond 24)."""
    h = hour % 24
    pv = 4300 * pv_pu(h) * (0.93 + 0.07 * math.sin(9 * h))
    wind = 140 + 60 * math.sin(h / 3)
    base = 1750 + 1050 * (6 <= h < 22) + 60 * math.sin(5 * h)
    kilns = 620 + 240 * math.sin((h - 3) / 24 * 2 * math.pi) + 180 * (h < 8)
    heat = 520 * (h < 7.5) + 160
    charge = 260 * (9 <= h < 17) + 60
    battery = -900 * (2 <= h < 5) - 700 * (9 <= h < 11) + 1100 * (12 <= h < 14) + 900 * (20 <= h < 22)
    chp = 820 * (11 <= h < 17 or 20 <= h < 22)
    load = base + kilns + heat + charge
    pcc = load - pv - wind - battery - chp
    if pcc < 60:  # no export is permitted: the sun is curtailed
        pv -= 60 - pcc
        pcc = 60
    soc = 0.35 + 0.4 * (math.sin((h - 7) / 24 * 2 * math.pi) ** 2)
    return dict(pv=pv, wind=wind, base=base, kilns=kilns, heat=heat, charge=charge, battery=battery, chp=chp,
                load=load, pcc=pcc, soc=soc)


def on_free_port(park, state_dir):
    """A copy of a park file that listens on a free port; (path, port)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with open(park, encoding="utf-8") as f:
        lines = f.read()
    above = os.path.dirname(os.path.dirname(os.path.abspath(park)))
    lines = lines.replace(": ../", f": {above}/").replace("listen: 127.0.0.1:8080", f"listen: 127.0.0.1:{port}")
    path = os.path.join(state_dir, "park.yaml")
    with open(path, "w", encoding="utf-8") as f:
        f.write(lines)
    return path, port


class FakePark:
    """Starts the roles on a park file; `start` is the wall time (UTC epoch ms) of the park's clock."""

    def __init__(self, binary, park, state_dir, start_ms, speed=1.0, store=True):
        self.binary, self.state_dir = binary, state_dir
        self.park, self.port = on_free_port(park, state_dir)
        self.anchor_us = time.monotonic_ns() // 1000
        self.start_ms, self.speed = start_ms, speed
        self.socks, self.procs = {}, {}
        self.lock = threading.Lock()
        self.commands, self.alarms, self.dr, self.orders = [], [], [], []
        self.answer_commands = True
        self.running = True
        self.speaking = False
        self.points, self.devices, self.faults = [], [], {}
        for role, number in (("store", STORE), ("web", WEB)):
            if role == "web" or store:
                self.start_role(role, number)
        self.thread = threading.Thread(target=self.route, daemon=True)
        self.thread.start()

    def start_role(self, role, number):
        mine, theirs = socket.socketpair()
        clock = f"{self.speed} {self.anchor_us} {self.start_ms}"
        self.procs[number] = subprocess.Popen(
            [self.binary, "role", role, "--fd", str(theirs.fileno()), "--clock", clock, "--park", self.park,
             "--state", self.state_dir], pass_fds=[theirs.fileno()])
        theirs.close()
        self.socks[number] = mine

    def now_ms(self):
        return self.start_ms + int((time.monotonic_ns() // 1000 - self.anchor_us) / 1000 * self.speed)

    # ---- Frames ----

    def send(self, to, kind, payload=b"", seq=0, sender=PARK):
        frame = bytes(Head(1, kind, sender, to, 0, seq, len(payload))) + payload
        with self.lock:
            try:
                self.socks[to].sendall(frame)
            except (OSError, KeyError):
                pass  # that role has ended

    def read_exactly(self, sock, n):
        data = b""
        while len(data) < n:
            part = sock.recv(n - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def route(self):
        """Forwards between the roles, as the supervisor does, and takes what is for park."""
        socks = dict(self.socks)
        while self.running and socks:
            ready, _, _ = select.select(list(socks.values()), [], [], 0.2)
            for sock in ready:
                try:
                    head = Head.from_buffer_copy(self.read_exactly(sock, ctypes.sizeof(Head)))
                    payload = self.read_exactly(sock, head.len)
                except (EOFError, OSError):
                    socks = {k: v for k, v in socks.items() if v is not sock}
                    continue
                if head.to == PARK and head.type == COMMAND:
                    self.on_command(head, Command.from_buffer_copy(payload))
                elif head.to in self.socks:
                    self.send(head.to, head.type, payload, head.seq, head.sender)

    def on_command(self, head, command):
        self.commands.append(command)
        if not self.answer_commands:
            return
        done = Done()
        if command.type == 0:
            event = Dr.from_buffer_copy(bytes(command.dr))
            event.id = event.id or f"dr-{len(self.dr) + 1}".encode()
            event.state = 1
            event.created = self.now_ms()
            event.start = event.start or self.now_ms()
            self.dr.append(event)
            done.dr = event
        elif command.type == 1:
            for event in self.dr:
                if event.id == command.id:
                    event.state, event.reason = 5, command.text
                    done.dr = event
        elif command.type == 4:
            for alarm in self.alarms:
                if command.id in (b"", alarm.source + b"/" + alarm.what):
                    alarm.acked = 1
            self.send_rows(ALARMS, self.alarms)
        self.send(WEB, COMMAND_DONE, bytes(done), head.seq)
        self.send_rows(DR_LIST, self.dr)

    def send_rows(self, kind, rows):
        self.send(WEB, kind, b"".join(bytes(r) for r in rows))

    # ---- HTTP ----

    def request(self, path, method="GET", body=None, headers=None):
        """(status, parsed body) of a request; the body is the text where it is no JSON."""
        headers = dict(headers or {})
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
        req = urllib.request.Request(self.url + path, method=method, data=data, headers=headers)
        try:
            with urllib.request.urlopen(req, timeout=15) as answer:
                status, raw = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, raw = error.code, error.read()
        try:
            return status, json.loads(raw)
        except ValueError:
            return status, raw.decode(errors="replace")

    def wait_ready(self):
        self.url = f"http://127.0.0.1:{self.port}"
        for _ in range(200):
            try:
                status, body = self.request("/api/v1/points")
                if status == 200:
                    self.points = body["points"]
                    self.devices = self.request("/api/v1/devices")[1]["devices"]
                    self.numbers = {p["name"]: i for i, p in enumerate(self.points)}
                    return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("web does not answer")

    def token(self):
        with open(os.path.join(self.state_dir, "token"), encoding="ascii") as f:
            return f.read().strip()

    # ---- The made-up day ----

    def hour(self, ms):
        return (ms / 3600000 + 8) % 24

    def values(self, ms):
        """Value of each point by name."""
        d = day(self.hour(ms))
        count = {k: sum(1 for x in self.devices if x["kind"] == k) or 1 for k in
                 {x["kind"] for x in self.devices}}
        rated = {}
        for x in self.devices:
            rated[x["kind"]] = rated.get(x["kind"], 0) + x["rated_kw"]
        out = {}
        power = {"meter": d["pcc"], "pv": d["pv"], "wind": d["wind"], "battery": d["battery"], "chp": d["chp"],
                 "heat_pump": -d["heat"] * 0.5, "storage_boiler": -d["heat"] * 0.5, "kiln": -d["kilns"] * 0.4,
                 "roller_kiln": -d["kilns"] * 0.6, "charger": -d["charge"], "load": -d["base"] * 0.9,
                 "mill": -d["base"] * 0.1}
        for i, x in enumerate(self.devices):
            kind = x["kind"]
            share = x["rated_kw"] / rated[kind] if rated.get(kind) else 0
            out[f"{x['name']}.kw"] = power.get(kind, 0) * (1 if kind == "meter" else share)
            out[f"{x['name']}.soc_pu"] = d["soc"] + 0.03 * (i % 3)
            out[f"{x['name']}.state"] = 2 if kind != "kiln" else (1 if i % 3 else 0)
            out[f"{x['name']}.sessions"] = 1 + i % 2
            out[f"{x['name']}.segment"] = 3
            out[f"{x['name']}.degc"] = 950 if kind == "kiln" else 41
            out[f"{x['name']}.heat_kw"] = 900 / count[kind]
        return out

    def image(self):
        values = self.values(self.now_ms())
        rows = []
        for p in self.points:
            quality = self.faults.get(p["name"].split(".")[0], GOOD)
            rows.append(ImageRow(values.get(p["name"], (p["min"] or 0)), quality,
                                 120 if quality == GOOD else 9000))
        return rows

    def status(self):
        ms = self.now_ms()
        d = day(self.hour(ms))
        return Status(at=ms, mode=1, plan_origin=0, plan_made=ms - 190000, plan_gap_pu=0.0013,
                      plan_cost_yuan=38412, pcc_kw=d["pcc"] + 14, plan_pcc_kw=d["pcc"], import_limit_kw=4116,
                      export_limit_kw=0, demand_15min_kw=d["pcc"] * 0.97, demand_target_kw=4116,
                      month_peak_kw=3975, pv_kw=d["pv"], wind_kw=d["wind"], battery_kw=d["battery"],
                      load_kw=d["load"], heat_kw=1630, residual_kw=-11.6, today_import_kwh=15320,
                      today_export_kwh=0, today_pv_kwh=9875, today_yuan=9120, today_kgco2=8012,
                      self_consumption_pu=0.993, ticks=4000, ticks_missed=0, loop_lag_us=350, fallback=0)

    def links(self):
        rows = []
        for i, d in enumerate(self.devices):
            lost = self.faults.get(d["name"]) in (STALE, BAD, MISSING)
            rows.append(Link(i, 0 if lost else 1, 0 if lost else 1, 9000, 12 if lost else 0, 12 if lost else 0,
                             3 if lost else 0, 0, 4200 + 700 * (i % 9), 200000 if d["pcc"] else 1000000))
        return rows

    def plan(self, start_ms, steps=120, step_s=900):
        """A plan of the day as it comes: sources, batteries, heat, kilns."""
        plan, pool = PlanHead(), []

        def put(values):
            pool.extend(values)
            return len(pool) - steps

        hours = [self.hour(start_ms) + i * step_s / 3600 for i in range(steps)]
        days = [day(h) for h in hours]
        by_kind = {}
        for d in self.devices:
            by_kind.setdefault(d["kind"], []).append(d)
        plan.version, plan.steps, plan.start_ms = 3, steps, start_ms
        plan.step_s[:] = [step_s] * steps + [0] * (STEPS - steps)
        plan.objective_yuan, plan.bound_yuan, plan.gap_pu, plan.seconds = 38412, 38362, 0.0013, 2.4
        plan.cost_yuan[0] = 41000
        plan.import_kw = put([max(0, d["pcc"]) for d in days])
        plan.export_kw = put([max(0, -d["pcc"]) for d in days])
        for i in range(BUSES):
            plan.bus_unserved_kw[i] = plan.bus_surplus_kw[i] = plan.bus_value_yuan_per_kwh[i] = -1
        sources = by_kind.get("pv", []) + by_kind.get("wind", [])
        for i, d in enumerate(sources):
            total = sum(x["rated_kw"] for x in by_kind[d["kind"]])
            plan.source_name[i].value = d["name"].encode()
            plan.source_used_kw[i] = put([x[d["kind"]] * d["rated_kw"] / total for x in days])
        plan.source_count = len(sources)
        stores = by_kind.get("battery", []) + by_kind.get("storage_boiler", [])
        for i, d in enumerate(stores):
            battery = d["kind"] == "battery"
            n = len(by_kind[d["kind"]])
            power = [x["battery"] / n if battery else -x["heat"] * 0.5 / n for x in days]
            plan.storage_name[i].value = d["name"].encode()
            plan.storage_kwh_max[i] = d["energy_kwh"]
            plan.storage_charge_kw[i] = put([max(0, -x) for x in power])
            plan.storage_discharge_kw[i] = put([max(0, x) for x in power])
            plan.storage_energy_kwh[i] = put([d["energy_kwh"] * (x["soc"] + 0.03) for x in days])
        plan.storage_count = len(stores)
        converters = by_kind.get("chp", []) + by_kind.get("heat_pump", [])
        for i, d in enumerate(converters):
            n = len(by_kind[d["kind"]])
            power = [x["chp"] / 0.41 / n if d["kind"] == "chp" else x["heat"] * 0.5 / n for x in days]
            plan.converter_name[i].value = d["name"].encode()
            plan.converter_in_kw[i] = put(power)
            plan.converter_on[i] = put([1.0 if x > 0 else 0.0 for x in power])
        plan.converter_count = len(converters)
        for i, o in enumerate(self.orders):
            plan.order_name[i].value = o.id[:31]
            plan.order_machine[i].value = self.devices[o.device]["name"].encode()
            plan.order_started[i] = 1 if o.started else 0
            step = int((o.planned - start_ms) / 1000 / step_s) if o.planned and not o.started else -1
            plan.order_start[i] = step if 0 <= step < steps else -1
            plan.order_end_s[i] = ((o.started or o.planned) - start_ms) / 1000 + 14 * 3600
        plan.order_count = len(self.orders)
        plan.pool_count = len(pool)
        return bytes(plan) + bytes((f64 * len(pool))(*pool))

    def make_orders(self):
        """Two firings on each batch kiln: one that has been planned by now, one for the night."""
        now = self.now_ms()
        hour = 3600000
        kilns = [(i, d) for i, d in enumerate(self.devices) if d["kind"] == "kiln"]
        for n, (i, d) in enumerate(kilns):
            early = now - (10 - n % 5) * hour
            self.orders.append(Order(
                id=f"day_{d['name']}@2025-07-14".encode(), device=i, state=2 if n % 4 else 3, type=0,
                window_from=early - 2 * hour, window_to=early + 4 * hour, due=early + 18 * hour, planned=early,
                started=early, ended=0 if n % 4 else now - hour, energy_kwh=2600, done_kwh=1400 + 90 * n))
            late = now + (6 + n % 6) * hour
            self.orders.append(Order(
                id=f"night_{d['name']}@2025-07-15".encode(), device=i, state=0 if n != 3 else 4, type=0,
                window_from=late - 3 * hour, window_to=late + 6 * hour, due=late + 20 * hour,
                planned=late if n != 3 else 0, energy_kwh=2600, done_kwh=0))

    def tell_history(self, hours=12):
        """The past of the connection and of the storages, for the store."""
        names = [p["name"] for p in self.points if p["name"].endswith(".soc_pu")]
        names += [f"{d['name']}.kw" for d in self.devices if d["pcc"]]
        rows, now = [], self.now_ms()
        for at in range(now - hours * 3600000, now, 60000):
            values = self.values(at)
            wobble = 25 * math.sin(at / 170000)
            rows += [Sample(self.numbers[n], GOOD, values[n] + (wobble if n.endswith(".kw") else 0), at)
                     for n in names]
        for i in range(0, len(rows), 500):
            self.send(STORE, SAMPLES, b"".join(bytes(r) for r in rows[i:i + 500]))

    def tell_once(self):
        now = self.now_ms()
        self.send_rows(LINK_TABLE, self.links())
        self.send_rows(ORDERS, self.orders)
        self.send_rows(ALARMS, self.alarms)
        self.send_rows(DR_LIST, self.dr)
        start = now - now % 900000
        self.send(WEB, PLAN_NOW, self.plan(start))

    def tell_live(self):
        self.send(WEB, STATUS, bytes(self.status()))
        self.send_rows(IMAGE, self.image())

    def speak(self):
        """Says status and image each second until the end, in a thread of its own."""
        def loop():
            while self.running and self.speaking:
                self.tell_live()
                time.sleep(0.5)
        self.speaking = True
        threading.Thread(target=loop, daemon=True).start()

    def close(self):
        """Ends the roles in good order; their exit statuses."""
        self.speaking = False
        for number in self.procs:
            self.send(number, STOP, sender=0)
        codes = []
        for proc in self.procs.values():
            try:
                codes.append(proc.wait(timeout=10))
            except subprocess.TimeoutExpired:
                proc.kill()
                codes.append(-9)
        self.running = False
        return codes
