#!/usr/bin/env python3
"""The HTTP API against a park that only talks: reading, commands, refusals, limits, the stream."""

import http.client
import json
import os
import socket
import stat
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fake_park as fp

START_MS = 1752471600000  # 2025-07-14T13:40+08:00
failures = 0


def check(name, good, why=""):
    global failures
    failures += not good
    print(f"ok {name}" if good else f"not ok {name}: {why}", flush=True)


def raw(park, text, wait=5.0):
    """What comes back on a connection of its own; "" when it is closed without an answer."""
    with socket.create_connection(("127.0.0.1", park.port), timeout=wait) as s:
        s.sendall(text)
        try:
            return s.recv(65536).decode(errors="replace")
        except (TimeoutError, ConnectionResetError):
            return ""


def reading(park):
    status, body = park.request("/healthz")
    check("healthz says ok", (status, body["ok"]) == (200, True), body)
    status, body = park.request("/api/v1/status")
    check("status has mode, plan and numbers", body.get("mode") == "normal" and body["fresh"] and
          body["plan"]["origin"] == "milp" and abs(body["import_limit_kw"] - 4116) < 1, body)
    status, body = park.request("/api/v1/points/bess1.soc_pu")
    check("a point has value, unit and range", body["quality"] == "good" and 0 < body["value"] < 1 and
          (body["unit"], body["min"], body["max"]) == ("pu", 0, 1), body)
    status, body = park.request("/api/v1/points/bess1.socc")
    check("an unknown point is a problem", status == 404 and "bess1.socc" in body["detail"], body)
    status, body = park.request("/api/v1/plan")
    soc = body["devices"]["bess1"]["soc_pu"]
    check("the plan is shown", body["origin"] == "milp" and len(soc) == len(body["steps"]) == 120 and
          0 < soc[0] < 1, str(body)[:200])
    check("powers follow the bus sign", min(body["devices"]["hp1"]["kw"]) < 0 <
          max(body["devices"]["chp"]["kw"]), "")
    status, body = park.request("/metrics")
    check("metrics are Prometheus text", "\nkilnwatt_import_limit_kw 4116\n" in body and
          "kilnwatt_devices_online 60\n" in body, body[:300])
    status, body = park.request("/api/v1/tariff?from=2025-07-14T00:00&to=2025-07-15T00:00")
    check("price bands are shown", [b["band"] for b in body["bands"]][:5] ==
          ["valley", "flat", "peak", "sharp", "peak"], body)
    for path in ("alarms", "orders", "devices", "dr/events"):
        status, body = park.request(f"/api/v1/{path}")
        check(f"{path} answers", status == 200 and len(body) == 1, body)


def past(park):
    park.tell_history(2)
    park.send(fp.STORE, fp.EVENT, bytes(fp.Event(park.now_ms(), 1, 0, b"bess1", b"write", b"value=\xe9")))
    status, body = park.request("/api/v1/history?points=pcc.kw,bess1.soc_pu&step=300&from=2025-07-14T12:00"
                                "&to=2025-07-14T13:30")
    rows = body["series"]["pcc.kw"]
    check("history gives means per step", status == 200 and len(rows) == 18 and
          all(isinstance(v, float) for _, v in rows) and len(body["series"]["bess1.soc_pu"]) == 18, str(body)[:300])
    status, body = park.request("/api/v1/events?limit=5")
    check("events come back, also with odd bytes", status == 200 and body["events"][0]["what"] == "write", body)
    wrong = {
        "history?points=pcc.kw&stap=5": "stap", "history?points=pcc.kww": "pcc.kww", "history": "points",
        "history?points=pcc.kw&from=2025-07-14&to=2025-07-13": "to",
        "history?points=pcc.kw&from=2025-07-01&to=2025-07-14&step=1": "at least",
        "history?points=pcc.kw&from=yesterday": "yesterday", "events?limit=0": "limit",
        "history?points=" + ",".join(["pcc.kw"] * 9): "at most 8",
    }
    for query, part in wrong.items():
        status, body = park.request("/api/v1/" + query)
        check(f"refused with reason: {query[:44]}", status == 422 and part in body["detail"], body)


def commands(park):
    auth = {"Authorization": f"Bearer {park.token()}"}
    mode = stat.S_IMODE(os.stat(os.path.join(park.state_dir, "token")).st_mode)
    check("the token file is the owner's alone", mode == 0o600, oct(mode))
    event = {"direction": "shave", "kw": 500, "duration_min": 60}
    for name, headers in (("none", {}), ("wrong", {"Authorization": "Bearer " + "0" * 64}),
                          ("half", {"Authorization": auth["Authorization"][:40]})):
        status, body = park.request("/api/v1/dr/events", "POST", event, headers)
        check(f"a command with {name} token is refused", status == 401 and not park.commands, body)
    key = {**auth, "Idempotency-Key": "once"}
    status, first = park.request("/api/v1/dr/events", "POST", event, key)
    check("an event is triggered", status == 201 and first["state"] == "committed" and first["kw"] == 500, first)
    command = park.commands[-1]
    length_s = (command.dr.end - park.now_ms()) / 1000
    check("park gets what was asked", (command.type, command.dr.start) == (0, 0) and 3590 < length_s <= 3601,
          length_s)
    status, again = park.request("/api/v1/dr/events", "POST", event, key)
    check("the same key makes no second event", status == 200 and again["id"] == first["id"] and
          len(park.dr) == 1, again)
    status, body = park.request("/api/v1/dr/events", "POST", {**event, "kw": 400}, key)
    check("the same key with another body is a conflict", status == 409, body)
    status, body = park.request(f"/api/v1/dr/events/{first['id']}")
    check("the event can be read", status == 200 and body["id"] == first["id"], body)
    status, body = park.request(f"/api/v1/dr/events/{first['id']}", "DELETE", None, auth)
    check("the event can be cancelled", status == 200 and body["state"] == "cancelled", body)
    status, body = park.request("/api/v1/dr/events/nobody", "DELETE", None, auth)
    check("an unknown event cannot", status == 404, body)
    wrong = [({**event, "kwh": 5}, "kwh"), ({**event, "direction": "fill"}, "shave or limit"),
             ({**event, "kw": -5}, "kw"), ({**event, "kw": "500"}, "kw"), ({**event, "kw": 1e9}, "kw"),
             ({**event, "duration_min": 0}, "duration_min"), ({**event, "start": "tomorrow"}, "tomorrow"),
             ({**event, "start": "2025-07-13T00:00"}, "start"), ({**event, "start": "2027-07-13T00:00"}, "start"),
             ({**event, "id": "a b"}, "id"), ({**event, "id": "x" * 32}, "id"), ({"kw": 5}, "direction"),
             ([1], "object"), (b"{", ""), (b'{"kw":1,"kw":2}', "uplicate"), (b"", ""), (b"{" * 40, "")]
    before = len(park.commands)
    for body, part in wrong:
        status, answer = park.request("/api/v1/dr/events", "POST", body, auth)
        check(f"refused with reason: {str(body)[:60]}", status in (400, 413, 422) and part in answer["detail"] and
              answer["status"] == status, answer)
    check("nothing of it reached park", len(park.commands) == before)
    hand(park, auth)


def hand(park, auth):
    status, body = park.request("/api/v1/set", "POST", {"point": "bess1.set_kw", "value": -200, "for_s": 60}, auth)
    command = park.commands[-1]
    check("a setpoint by hand reaches park", status == 200 and (command.type, command.value, command.for_s) ==
          (2, -200, 60) and command.point == park.numbers["bess1.set_kw"], body)
    for wrong in ({"point": "bess1.set_kw", "value": -2000}, {"point": "bess1.soc_pu", "value": 0.5},
                  {"point": "bess9.set_kw", "value": 0}, {"point": "bess1.set_kw"}):
        status, body = park.request("/api/v1/set", "POST", wrong, auth)
        check(f"refused with reason: {wrong}", status in (403, 422) and "POST /api/v1/set" in body["detail"], body)
    status, body = park.request("/api/v1/auto", "POST", {"device": "bess1"}, auth)
    check("a device goes back to automatic", status == 200 and park.commands[-1].type == 3, body)
    status, body = park.request("/api/v1/auto", "POST", {"device": "bess9"}, auth)
    check("an unknown device does not", status == 422, body)
    park.alarms = [fp.Alarm(park.now_ms(), 2, 0, b"pcc", b"unknown", b"")]
    status, body = park.request("/api/v1/ack", "POST", {"id": "pcc/unknown"}, auth)
    check("an alarm is acknowledged", status == 200 and park.alarms[0].acked == 1, body)
    status, body = park.request("/api/v1/replan", "POST", None, auth)
    check("a plan is asked for", status == 200 and park.commands[-1].type == 5, body)
    park.answer_commands = False
    begin = time.monotonic()
    status, body = park.request("/api/v1/replan", "POST", None, auth)
    check("no answer is a 504 after 5 s", status == 504 and 4.5 < time.monotonic() - begin < 7, body)
    park.answer_commands = True


def hostile(park):
    auth = f"Authorization: Bearer {park.token()}\r\n".encode()
    host = f"Host: 127.0.0.1:{park.port}\r\n".encode()
    check("another host name is refused", " 421 " in raw(park, b"GET /api/v1/status HTTP/1.1\r\nHost: evil.example\r\n\r\n"))
    check("another origin is refused", " 403 " in raw(
        park, b"POST /api/v1/replan HTTP/1.1\r\n" + host + auth + b"Origin: http://evil.example\r\nContent-Length: 0\r\n\r\n"))
    check("its own origin is not", " 200 " in raw(
        park, b"POST /api/v1/replan HTTP/1.1\r\n" + host + auth + b"Origin: http://127.0.0.1:%d\r\n"
        b"Content-Length: 0\r\n\r\n" % park.port))
    check("a hidden NUL is refused", " 400 " in raw(park, b"GET /%00 HTTP/1.1\r\n" + host + b"\r\n"))
    check("a hidden NUL in a query is refused", " 400 " in raw(
        park, b"GET /api/v1/events?limit=5%00 HTTP/1.1\r\n" + host + b"\r\n"))
    check("headers of 9 KiB are refused", " 200 " not in raw(
        park, b"GET /healthz HTTP/1.1\r\n" + host + b"X: " + b"x" * 9000 + b"\r\n\r\n"))
    check("headers of 7 KiB are taken", " 200 " in raw(
        park, b"GET /healthz HTTP/1.1\r\n" + host + b"X: " + b"x" * 7000 + b"\r\n\r\n"))
    check("a body of 65 KiB is refused", " 413 " in raw(
        park, b"POST /api/v1/replan HTTP/1.1\r\n" + host + auth + b"Content-Length: 66000\r\n\r\n" + b"x" * 66000))
    check("an unknown method is refused", " 405 " in raw(park, b"PUT /api/v1/status HTTP/1.1\r\n" + host + b"\r\n"))
    check("an unknown path is refused", park.request("/api/v2/status")[0] == 404)
    check("no way out of the assets", park.request("/assets/..%2f..%2fetc%2fpasswd")[0] == 404)
    drip(park, host)
    crowd(park)


def drip(park, host):
    """One byte a second must not hold a connection for ever."""
    begin = time.monotonic()
    with socket.create_connection(("127.0.0.1", park.port), timeout=2) as s:
        s.sendall(b"GET /healthz HTTP/1.1\r\n" + host)
        try:
            while time.monotonic() - begin < 20:
                s.sendall(b"x")
                time.sleep(0.5)
        except OSError:
            pass
    took = time.monotonic() - begin
    check("a dripping request is cut after 10 s", 9 < took < 14, took)


def crowd(park):
    """More connections than allowed: the rest waits, and is served when the others go."""
    crowded = [socket.create_connection(("127.0.0.1", park.port), timeout=2) for _ in range(90)]
    time.sleep(1)
    metrics_late = http.client.HTTPConnection("127.0.0.1", park.port, timeout=1)
    try:
        metrics_late.request("GET", "/healthz")
        metrics_late.getresponse()
        full = False
    except OSError:
        full = True
    check("the 65th connection waits", full)
    for s in crowded:
        s.close()
    time.sleep(1.5)
    status, body = park.request("/metrics")
    line = next(x for x in body.splitlines() if x.startswith("kilnwatt_http_connections "))
    check("closed connections are counted off", status == 200 and float(line.split()[1]) < 10, line)


def streams(park):
    def open_stream():
        c = http.client.HTTPConnection("127.0.0.1", park.port, timeout=5)
        c.request("GET", "/api/v1/stream")
        return c, c.getresponse()

    def event(answer):
        while True:
            line = answer.readline()
            if line.startswith(b"data: "):
                return json.loads(line[6:])

    c, answer = open_stream()
    first, second = event(answer), event(answer)
    check("a stream begins with all points", len(first["values"]) == len(park.points) and
          first["status"]["mode"] == "normal", len(first["values"]))
    check("it goes on with what has changed", 0 < len(second["values"]) < 200, len(second["values"]))
    revision = second["revision"]["alarms"]
    park.send_rows(fp.ALARMS, park.alarms)
    later = [event(answer)["revision"]["alarms"] for _ in range(3)]
    check("a revision tells of news", later[-1] == revision + 1, later)
    crowd = [open_stream() for _ in range(17)]
    check("streams are bounded", [a.status for _, a in crowd].count(503) >= 2, [a.status for _, a in crowd])
    for x, _ in [(c, answer), *crowd]:
        x.sock and x.sock.close()
        x.close()
    del answer, crowd
    time.sleep(3)
    c, answer = open_stream()
    check("closed streams make room", answer.status == 200, answer.status)
    c.close()


def silence(park):
    park.speaking = False
    time.sleep(6)
    status, body = park.request("/healthz")
    check("a silent park is not healthy", status == 503 and not body["fresh"], body)
    status, body = park.request("/api/v1/replan", "POST", None, {"Authorization": f"Bearer {park.token()}"})
    check("and takes no command", status == 503, body)


def main():
    binary = os.environ.get("KILNWATT", "build/kilnwatt")
    with tempfile.TemporaryDirectory() as state:
        park = fp.FakePark(os.path.abspath(binary), "etc/parks/ceramics.yaml", state, START_MS)
        park.wait_ready()
        park.make_orders()
        park.tell_live()
        park.tell_once()
        park.speak()
        time.sleep(0.5)
        for part in (reading, past, commands, hostile, streams, silence):
            part(park)
        codes = park.close()
        check("both roles end in good order", codes == [0, 0], codes)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
