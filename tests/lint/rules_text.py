"""Rules that need nothing but the text: include directions, doors, banned calls, file sizes."""

import fnmatch
import re

import source

FILE_LINES_MAX = 600
FILE_LINES_WARN = 400
CALL = re.compile(r"\b([A-Za-z_]\w*)\s*\(")


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def rooms(root, say):
    """Who may include whom: rooms.txt. The longest matching row of the includer counts."""
    table = {row[0]: row[1:] for row in source.read_table(source.here("rooms.txt"))}
    for src in source.find(root, {".c", ".h"}):
        row = max((r for r in table if source.under(src.path, [r])), key=len, default=None)
        for line, kind, name in src.includes():
            if kind != '"':
                continue
            own = row is not None and row.partition("/*")[0] and source.under(name, [row])
            if "/" not in name:
                say(src.path, line, f'"{name}": write includes from the top of the tree')
            elif row is None:
                say(src.path, line, "this file is in no room of rooms.txt")
            elif not own and not source.under(name, table[row]) and not same_room(src.path, name):
                say(src.path, line, f"{row} must not include {name}")


def same_room(path, name):
    return path.rpartition("/")[0] == name.rpartition("/")[0]


def doors(root, say):
    """Each foreign library has one door: doors.txt. The first row that matches a header counts."""
    table = source.read_table(source.here("doors.txt"))
    for src in source.find(root, {".c", ".h"}):
        for line, kind, name in src.includes():
            if kind != "<":
                continue
            row = next((r for r in table if fnmatch.fnmatchcase(name, r[0])), None)
            if row is None:
                say(src.path, line, f"<{name}> has no row in doors.txt")
            elif not source.under(src.path, row[1:]):
                say(src.path, line, f"<{name}> may be included only by {' '.join(row[1:])}")


def banned(root, say):
    """Calls that are banned, and where they are allowed all the same: banned.txt."""
    table = {row[0]: row[1:] for row in source.read_table(source.here("banned.txt"))}
    for src in source.find(root, {".c", ".h"}):
        code = src.code
        for match in CALL.finditer(code):
            name = match.group(1)
            member = code[:match.start()].rstrip().endswith((".", "->"))
            if name in table and not member and not source.under(src.path, table[name]):
                say(src.path, line_of(code, match.start()), f"{name}() is banned here")


def files(root, say):
    """Files have at most 600 lines; from 400 on they get a warning that counts for nothing."""
    for src in source.find(root, {".c", ".h", ".py", ".js", ".mjs", ".sh"}):
        lines = src.text.count("\n")
        if lines > FILE_LINES_MAX:
            say(src.path, lines, f"{lines} lines; at most {FILE_LINES_MAX}")
        elif lines > FILE_LINES_WARN:
            print(f"warning: {src.path}: {lines} lines; better at most {FILE_LINES_WARN}")
