"""HiGHS, as scipy has it, on a free MPS file: `highs.py FILE.mps SECONDS GAP`. Prints `start` when the
file is read, then the solver's log. A process of its own, because the log comes from the library."""

import sys

import numpy
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix


class Mps:
    """A minimization problem: rows lo <= A x <= hi, columns between bounds, costs."""

    def __init__(self, path):
        self.kind, self.row, self.col = {}, {}, {}
        self.cost, self.rhs, self.spread = {}, {}, {}
        self.lo, self.hi, self.integer = [], [], []
        self.at, self.values = ([], []), []
        self.objective, self.marked = None, False
        sections = {"ROWS": self.rows, "COLUMNS": self.columns, "RHS": self.right,
                    "RANGES": self.ranges, "BOUNDS": self.bounds}
        take = None
        with open(path, encoding="utf-8") as lines:
            for words in (line.split() for line in lines if line[:1] not in "*\n"):
                if len(words) <= 2 and words[0] in (*sections, "NAME", "ENDATA"):
                    take = sections.get(words[0])
                elif take:
                    take(words)

    def rows(self, words):
        if words[0] == "N":
            self.objective = words[1]
        else:
            self.kind[words[1]] = words[0]
            self.row[words[1]] = len(self.row)

    def columns(self, words):
        if words[1] == "'MARKER'":
            self.marked = words[2] == "'INTORG'"
            return
        if words[0] not in self.col:
            self.col[words[0]] = len(self.col)
            self.lo.append(0.0)
            self.hi.append(numpy.inf)
            self.integer.append(self.marked)
        c = self.col[words[0]]
        for name, value in zip(words[1::2], words[2::2]):
            if name == self.objective:
                self.cost[c] = float(value)
            else:
                self.at[0].append(self.row[name])
                self.at[1].append(c)
                self.values.append(float(value))

    def right(self, words):
        self.rhs.update((name, float(value)) for name, value in zip(words[1::2], words[2::2]))

    def ranges(self, words):
        self.spread.update((name, float(value)) for name, value in zip(words[1::2], words[2::2]))

    def bounds(self, words):
        c, value = self.col[words[2]], float(words[3]) if len(words) > 3 else 0.0
        what = words[0]
        if what in ("LO", "FX", "LI", "MI", "FR", "BV"):
            self.lo[c] = {"MI": -numpy.inf, "FR": -numpy.inf, "BV": 0.0}.get(what, value)
        if what in ("UP", "FX", "UI", "PL", "FR", "BV"):
            self.hi[c] = {"PL": numpy.inf, "FR": numpy.inf, "BV": 1.0}.get(what, value)

    def row_bounds(self):
        lo, hi = numpy.full(len(self.row), -numpy.inf), numpy.full(len(self.row), numpy.inf)
        for name, i in self.row.items():
            kind, rhs = self.kind[name], self.rhs.get(name, 0.0)
            spread = self.spread.get(name)
            if kind in "GE":
                lo[i] = rhs
            if kind in "LE":
                hi[i] = rhs
            if spread is not None and kind == "L":
                lo[i] = rhs - abs(spread)
            elif spread is not None and kind == "G":
                hi[i] = rhs + abs(spread)
            elif spread is not None:
                lo[i], hi[i] = rhs + min(spread, 0), rhs + max(spread, 0)
        return lo, hi


def main():
    mps = Mps(sys.argv[1])
    cost = numpy.zeros(len(mps.col))
    for c, value in mps.cost.items():
        cost[c] = value
    matrix = coo_matrix((mps.values, mps.at), shape=(len(mps.row), len(mps.col))).tocsc()
    lo, hi = mps.row_bounds()
    print("start", flush=True)
    milp(cost, integrality=numpy.array(mps.integer, dtype=int), bounds=Bounds(mps.lo, mps.hi),
         constraints=LinearConstraint(matrix, lo, hi),
         options={"disp": True, "time_limit": float(sys.argv[2]),
                  "mip_rel_gap": float(sys.argv[3])})


if __name__ == "__main__":
    main()
