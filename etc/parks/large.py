#!/usr/bin/env python3
"""Prints etc/parks/large.yaml, the very large park: 544 devices on 110 kV, every number of each class a
rule and not a table, so that the file can be read here. No randomness: the same text each time.

    etc/parks/large.py >etc/parks/large.yaml"""

import sys

HEAD = """\
# Very large park: a fictional comprehensive industrial park, 110 kV, 2 x 63 MVA, 24 tenants, 544
# devices at 270 addresses. Written by etc/parks/large.py; change that. All ratings are assumed.
# Kinds that have no model in a park file yet have a stand-in: biomass sets are CHP of lower efficiency,
# ORC sets are the heat recovery that feeds them, melting furnaces, compressors, pumps, fans, chillers
# and tenants' feeders are metered loads. The heat network reads one of the six stores.
park:
  name: large
  title: {zh: 两江综合工业园, en: Liangjiang comprehensive industrial park}
  zone: Asia/Shanghai
  latitude_deg: 29.72
  longitude_deg: 106.65
  altitude_m: 280

grid:
  import_kw_max: 100000 kW
  export_kw_max: 20000 kW
  guard_kw: 500 kW
  demand_margin_pu: 0.02
  meter: pcc
  tariff: ../tariffs/chongqing-110kv-2part.yaml

heat: # hot water of all tenants
  tank: store1
  demand:
    - {days: workday, from: '00:00', kw: 16000}
    - {days: workday, from: '06:00', kw: 26000}
    - {days: workday, from: '22:00', kw: 16000}
    - {days: sunday, from: '00:00', kw: 9000}

weather: # a stand-in until a local series is there: see etc/series/README.md
  series: ../series/greensboro-tmy3.csv
  latitude_deg: 36.10
  longitude_deg: -79.95
  utc_offset_h: -5

web:
  listen: 127.0.0.1:8080

recipes: # of the ceramics park; glost_l is glost in a kiln of a megawatt
"""

GLOST = """\
    busy_h: 22 h
    segments:
      - {to_degc: 300, minutes: 120, hold_min: 30}
      - {to_degc: 600, minutes: 120}
      - {to_degc: 950, minutes: 150}
      - {to_degc: 1050, minutes: 60, hold_min: 20}
      - {to_degc: 1280, minutes: 210}
      - {to_degc: 1280, minutes: 60}
      - {to_degc: 1000, minutes: 60}
      - {to_degc: 80, minutes: 480}
    powers:
      - {hours: 2, relative: 120}
      - {hours: 3, relative: 200}
      - {hours: 3, relative: 300}
      - {hours: 2, relative: 360}
      - {hours: 1, relative: 180}
      - {hours: 2, relative: 100}
      - {hours: 1, relative: 40}
"""
DECAL = """\
    busy_h: 7.5 h
    segments:
      - {to_degc: 500, minutes: 90, hold_min: 20}
      - {to_degc: 800, minutes: 90}
      - {to_degc: 800, minutes: 30}
      - {to_degc: 80, minutes: 240}
    powers:
      - {hours: 1.5, relative: 90}
      - {hours: 1.5, relative: 110}
      - {hours: 0.5, relative: 60}
      - {hours: 1, relative: 10}
"""
SINTER = """\
    busy_h: 26 h
    segments:
      - {to_degc: 600, minutes: 360}
      - {to_degc: 1200, minutes: 240}
      - {to_degc: 1600, minutes: 240}
      - {to_degc: 1600, minutes: 180}
      - {to_degc: 80, minutes: 540}
    powers:
      - {hours: 6, relative: 70}
      - {hours: 4, relative: 110}
      - {hours: 4, relative: 140}
      - {hours: 3, relative: 100}
      - {hours: 9, relative: 20}
"""
RECIPES = (("glost", 2600, GLOST), ("glost_l", 7200, GLOST), ("decal", 330, DECAL),
           ("sinter", 1900, SINTER))
FIRST_PORT = 15100
SIGNED = "signed_off: park engineer 2025-06-30"


class Wires:
    """Addresses in order: a new one for each device, or one for several behind a gateway."""

    def __init__(self):
        self.port = FIRST_PORT - 1
        self.unit = 0

    def at(self, share=1):
        """The next place where `share` devices have one address."""
        if self.unit == 0 or self.unit >= share:
            self.port += 1
            self.unit = 0
        self.unit += 1
        return f"host: 127.0.0.1, port: {self.port}, unit: {self.unit}"

    def close(self):
        """The next device begins an address."""
        self.unit = 0


class Park:
    def __init__(self):
        self.wires = Wires()
        self.lines = []
        self.count = 0

    def say(self, text):
        self.wires.close()
        self.lines.append(f"  # {text}")

    def add(self, name, kind, title, rest, profile=None, share=1):
        zh, en = title
        at = self.wires.at(share)
        where = f"profile: {profile}, {at}" if profile else at.rsplit(", ", 1)[0]
        self.count += 1
        self.lines.append(f"  - {{name: {name}, kind: {kind}, title: {{zh: {zh}, en: {en}}},\n"
                          f"     {where},\n     {rest}}}")


def sources(p):
    p.say("60 PV plants of 1 MWp, at their loggers")
    for i in range(1, 61):
        p.add(f"pv{i}", "pv", (f"{i}号光伏", f"PV plant {i}"),
              f"rated_kw: 850, dc_kwp: 1000, tilt_deg: {8 + i % 3}, azimuth_deg: {170 + i % 21},"
              f" ramp_pu_per_s: 0.1,\n     safe: 0.15, {SIGNED}",
              "sunspec-inverter" if i % 3 == 0 else "sungrow-sg")
    p.say("6 wind turbines of 2 MW")
    for i in range(1, 7):
        p.add(f"wt{i}", "wind", (f"{i}号风机", f"wind turbine {i}"), "rated_kw: 2000, safe: 0.5",
              "kilnwatt-wind-plc")
    p.say("20 batteries of 2.5 MW and 5 MWh")
    for i in range(1, 21):
        p.add(f"bess{i}", "battery", (f"{i}号储能", f"battery {i}"),
              "parts: [{profile: sinexcel-pws, unit: 1}, {profile: sunspec-battery, unit: 2}],\n"
              "     poll_s: 0.2, rated_kw: 2500, energy_kwh: 5000, soc_pu_min: 0.1, "
              "soc_pu_max: 0.9,\n     round_trip_pu: 0.88, wear_yuan_per_kwh: 0.1")
    p.say("3 gas engines, 2 biomass sets")
    for name, zh, en, kw, eta, n in (("chp", "燃气热电联产", "gas engine CHP", 9700, 0.44, 3),
                                     ("bio", "生物质机组", "biomass set", 3000, 0.30, 2)):
        for i in range(1, n + 1):
            p.add(f"{name}{i}", "chp", (f"{i}号{zh}", f"{en} {i}"),
                  f"rated_kw: {kw}, rated_heat_kw: {kw}, kw_min: {kw // 2}, eta_pu: {eta}, "
                  "om_yuan_per_kwh: 0.08,\n     start_yuan: 1500, start_min: 10, up_min: 120, "
                  "down_min: 60", "kilnwatt-chp-plc")
    p.say("4 ORC sets, at the heat of the melting furnaces")
    for i in range(1, 5):
        p.add(f"orc{i}", "waste_heat", (f"{i}号余热发电", f"ORC set {i}"),
              f"rated_heat_kw: {700 + 200 * i}, follows: arc{i}, follow_pu: 0.3",
              "kilnwatt-waste-heat-plc")


def heat(p):
    p.say("8 gas boilers of 7 MW heat")
    for i in range(1, 9):
        p.add(f"boiler{i}", "gas_boiler", (f"{i}号燃气锅炉", f"gas boiler {i}"),
              "rated_heat_kw: 7000, kw_min: 1400, eta_pu: 0.92", "kilnwatt-boiler-plc")
    p.say("6 electric storage boilers of 10 MW and 80 MWh")
    for i in range(1, 7):
        p.add(f"ets{i}", "storage_boiler", (f"{i}号电蓄热锅炉", f"electric storage boiler {i}"),
              "rated_kw: 10000, rated_heat_kw: 7500, energy_kwh: 80000, steps: 10, eta_pu: 0.98,\n"
              "     loss_pu_per_h: 0.005", "kilnwatt-ets-plc")
    p.say("12 heat pumps of 1 MW")
    for i in range(1, 13):
        p.add(f"hp{i}", "heat_pump", (f"{i}号热泵", f"heat pump {i}"),
              "rated_kw: 1000, kw_min: 300, cop: 3.0, up_min: 20, down_min: 10",
              "kilnwatt-heat-pump-plc")
    p.say("6 heat stores of 40 MWh")
    for i in range(1, 7):
        p.add(f"store{i}", "tank", (f"{i}号蓄热罐", f"heat store {i}"),
              "volume_m3: 1146, degc_min: 60, degc_max: 90, loss_pu_per_h: 0.002",
              "kilnwatt-tank-plc")


def shifts(night, day, sunday):
    return ("schedule: [{days: workday, from: '00:00', kw: %g}, {days: workday, from: '06:00', "
            "kw: %g},\n                {days: workday, from: '22:00', kw: %g}, "
            "{days: sunday, from: '00:00', kw: %g}]" % (night, day, night, sunday))


KILNS = (("shuttle", 20, 360, "glost", "yudian-ai518p", "梭式窑", "shuttle kiln"),
         ("big", 4, 1000, "glost_l", "kilnwatt-kiln-plc", "大型梭式窑", "large shuttle kiln"),
         ("decal", 8, 120, "decal", "yudian-ai518p", "烤花窑", "decal kiln"),
         ("furnace", 8, 150, "sinter", "kilnwatt-kiln-plc", "烧结炉", "sintering furnace"))


def kilns(p):
    p.say("64 electric kilns: 24 roller kilns, never off; 40 batch kilns")
    for i in range(1, 25):
        kw = 300 + 100 * (i % 8) + (900 if i % 12 == 0 else 0)
        steady, keep = round(0.62 * kw), round(0.33 * kw)
        p.add(f"roller{i}", "roller_kiln", (f"{i}号辊道窑", f"roller kiln {i}"),
              f"rated_kw: {kw}, steady_kw: {steady}, keep_kw: {keep}, trim_pu: 0.08,\n"
              f"     schedule: [{{days: workday, from: '00:00', kw: {steady}}}, "
              f"{{days: sunday, from: '00:00', kw: {keep}}}]", "kilnwatt-roller-kiln-plc")
    for name, n, kw, _, profile, zh, en in KILNS:
        for i in range(1, n + 1):
            p.add(f"{name}{i}", "kiln", (f"{i}号{zh}", f"{en} {i}"), f"rated_kw: {kw}, {SIGNED}",
                  profile)


# 150 drives: name, how many, rated kW of the first, step, zh, en
DRIVES = (("comp", 36, 160, 10, "空压机", "compressor"), ("pump", 40, 100, 5, "水泵", "pump"),
          ("fan", 34, 110, 6, "风机", "fan"), ("chiller", 20, 200, 20, "冷水机", "chiller"))


def loads(p):
    p.say("4 melting furnaces, fast")
    for i in range(1, 5):
        p.add(f"arc{i}", "load", (f"{i}号熔炼炉", f"melting furnace {i}"),
              f"poll_s: 0.2, rated_kw: {4000 + 2000 * i},\n     "
              + shifts(1800 + 200 * i, 2400 + 600 * i, 300), "acrel-adw300")
    p.say("130 drives and 20 ball mills, five at an address")
    for name, n, first, step, zh, en in DRIVES:
        p.wires.close()
        for i in range(1, n + 1):
            kw = first + step * (i % 20)
            p.add(f"{name}{i}", "load", (f"{i}号{zh}", f"{en} {i}"),
                  f"poll_s: 2, rated_kw: {kw},\n     "
                  + shifts(round(0.3 * kw), round(0.7 * kw), round(0.15 * kw)),
                  "sdm630" if i % 2 else "acrel-adw300", share=5)
    p.wires.close()
    for i in range(1, 21):
        p.add(f"mill{i}", "mill", (f"{i}号球磨机", f"ball mill {i}"),
              "rated_kw: 160, batch_h: 10, pauses_max: 3, run_min: 60", "kilnwatt-mill-plc",
              share=5)
    p.say("120 chargers, four at an address; the first 60 have orders")
    for i in range(1, 121):
        p.add(f"ev{i}", "charger", (f"{i}号充电桩", f"charger {i}"),
              f"rated_kw: {(60, 120, 180, 240)[i % 4]}, plugs: 1", "delta-ev", share=4)
    p.say("64 feeders of tenants, eight at an address")
    for i in range(1, 65):
        kw = 60 + 10 * (i % 9)
        p.add(f"feeder{i}", "load", (f"{(i - 1) % 24 + 1}号租户馈线{i}",
                                     f"tenant {(i - 1) % 24 + 1} feeder {i}"),
              f"poll_s: 5, rated_kw: {4 * kw},\n     " + shifts(kw, 2 * kw, round(0.4 * kw)),
              "acrel-adw300", share=8)


def grid(p):
    p.say("12 transformer terminals, four at a gateway")
    for i in range(1, 13):
        p.add(f"t{i}", "transformer", (f"{i}号变压器", f"transformer {i}"),
              "poll_s: 5, kva: 10500", "kilnwatt-transformer-plc", share=4)
    p.say("PCC meter, check meter, weather station")
    p.wires.close()
    p.add("pcc", "meter", ("并网点电表", "PCC meter"), "poll_s: 0.2, rated_kw: 126000", "dtsu666")
    p.add("check", "meter", ("校核电表", "check meter"), "poll_s: 1, rated_kw: 126000",
          "acrel-adw300")
    p.add("weather", "weather", ("气象站", "weather station"), "poll_s: 5",
          "kilnwatt-weather-plc")


FIRING = {"glost": ("00:00", "10:00", "10:00+1d", 60), "glost_l": ("00:00", "10:00", "10:00+1d", 160),
          "decal": ("07:00", "11:00", "18:30", 40), "sinter": ("00:00", "14:00", "16:00+1d", 30)}


def orders():
    """One firing per kiln and workday, one batch per mill, a charge at half of the chargers."""
    for name, n, _, recipe, *_ in KILNS:
        first, last, due, late = FIRING[recipe]
        for i in range(1, n + 1):
            yield (f"  - {{id: fire_{name}{i}, type: firing, device: {name}{i}, recipe: {recipe}, "
                   f"days: workday,\n     from: '{first}', to: '{last}', due: '{due}', "
                   f"late_yuan_per_h: {late}}}")
    for i in range(1, 21):
        yield (f"  - {{id: batch_mill{i}, type: batch, device: mill{i}, days: workday,\n"
               "     from: '00:00', to: '24:00', energy_kwh: 1600, late_yuan_per_h: 40}")
    for i in range(1, 61):
        window = ("08:00", "17:30") if i % 2 else ("19:00", "06:30+1d")
        yield (f"  - {{id: charge_ev{i}, type: charge, device: ev{i}, days: workday,\n"
               f"     from: '{window[0]}', to: '{window[1]}', energy_kwh: 150, "
               "late_yuan_per_h: 80}")


def text():
    park = Park()
    for part in (sources, heat, kilns, loads, grid):
        part(park)
    assert park.count == 544, park.count
    recipes = "".join(f"  - name: {name}\n    energy_kwh: {kwh} kWh\n{rest}"
                      for name, kwh, rest in RECIPES)
    return (HEAD + recipes + "\ndevices:\n" + "\n".join(park.lines) + "\n\norders:\n"
            + "\n".join(orders()) + "\n")


if __name__ == "__main__":
    sys.stdout.write(text())
