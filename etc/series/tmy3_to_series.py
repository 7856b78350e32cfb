#!/usr/bin/env python3
"""Converts a TMY3 extract (hour_of_year,month,day,hour_end,ghi_w_m2,dni_w_m2,dhi_w_m2,temp_c,wind_m_s)
to a Kilnwatt series file. Usage: tmy3_to_series.py IN.csv OFFSET YEAR >OUT.csv, for example
    tmy3_to_series.py greensboro_tmy3.csv -05:00 2025 >greensboro-tmy3.csv

The source stamps the end of each hour in local standard time, 01:00 .. 24:00; a series stamps the start.
All hours get one year, whichever year each month was taken from. Irradiance is the mean of the hour;
temperature and wind are readings near its end and are kept as they are."""
import csv
import sys

COLUMNS = (("ghi_w_m2", "ghi_w_per_m2"), ("dni_w_m2", "dni_w_per_m2"), ("dhi_w_m2", "dhi_w_per_m2"),
           ("temp_c", "outdoor_degc"), ("wind_m_s", "wind_m_per_s"))


def convert(rows, offset, year, out):
    out.write("time," + ",".join(new for _, new in COLUMNS) + "\n")
    for row in rows:
        hour = int(row["hour_end"].split(":")[0]) - 1
        if not 0 <= hour <= 23:
            raise ValueError("hour_end %s is not 01:00 .. 24:00" % row["hour_end"])
        out.write("%04d-%02d-%02dT%02d:00:00%s," % (year, int(row["month"]), int(row["day"]), hour, offset))
        out.write(",".join(row[old] for old, _ in COLUMNS) + "\n")


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    with open(sys.argv[1], newline="", encoding="ascii") as source:
        convert(csv.DictReader(source), sys.argv[2], int(sys.argv[3]), sys.stdout)


if __name__ == "__main__":
    main()
