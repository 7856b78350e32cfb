#!/usr/bin/env python3
"""Proves that the lint can fail: a small clean tree passes every rule; then one violation at a time
is planted, and the rule must name the file, the line and the reason."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent

HEADER = """/* A header. */
#ifndef KILNWATT_BASE_ONE_H
#define KILNWATT_BASE_ONE_H

/* The next number. */
int one_next(int n);

#endif
"""
CODE = """/* A source. */
#include "controller/base/one.h"
#include <string.h>

static const char *const words[] = {"strcpy(a, b)"}; /* atoi(x) is only mentioned here */

int one_next(int n)
{
    return n + (int)strlen(words[0]);
}
"""
RULES = ("rooms", "doors", "banned", "files", "format", "headers", "state", "tidy")
ONE = "controller/base/one.c"
LONG_BODY = "".join(f"    n += {i};\n" for i in range(61))
DEEP = """
    if (n > 1) {
        if (n > 2) {
            if (n > 3) {
                if (n > 4) {
                    n++;
                }
            }
        }
    }
"""
AT_THE_LIMIT = """
    if (n > a) {
        if (n > b) {
            if (n > c + d) {
                n++;
            }
        }
    }
""" + "    n++;\n" * 50


def function(body, arguments="int n"):
    return f"\nstatic int two({arguments})\n{{\n{body}    return n;\n}}\n"


def using_two(body, arguments="int n", call="two(n)"):
    """CODE with a function two() before one_next(), which calls it."""
    before, after = CODE.split("\nint one_next", 1)
    return before + function(body, arguments) + "\nint one_next" + after.replace(
        "return n +", f"return {call} +")


# name: rule, file, its text, what the lint has to say about it (a regular expression)
VIOLATIONS = {
    "layout": ("format", ONE, CODE.replace("    return", "  return"), "one.c:8: layout differs"),
    "lower room includes higher": (
        "rooms", ONE, '#include "controller/dispatch/tick.h"\n' + CODE,
        "one.c:1: controller/base must not include controller/dispatch/tick.h"),
    "room includes unlisted file of a room": (
        "rooms", "controller/dispatch/tick.c", '#include "optimizer/glpk_door.h"\n',
        "tick.c:1: controller/dispatch must not include optimizer/glpk_door.h"),
    "include from the side": (
        "rooms", ONE, '#include "one.h"\n' + CODE, 'one.c:1: "one.h": write includes from the top'),
    "file outside the rooms": (
        "rooms", "controller/attic/old.c", '#include "controller/base/one.h"\n',
        "old.c:1: this file is in no room"),
    "foreign library by the window": (
        "doors", "controller/park/image.c", "/* */\n#include <sqlite3.h>\n",
        "image.c:2: <sqlite3.h> may be included only by controller/store/db.c"),
    "library without a door": (
        "doors", ONE, "#include <zlib.h>\n", "one.c:1: <zlib.h> has no row"),
    "banned call": (
        "banned", ONE, using_two("    n += atoi(\"1\");\n"), r"one.c:9: atoi\(\) is banned here"),
    "memory outside the arena": (
        "banned", ONE, using_two("    n += malloc(1) != 0;\n"), r"one.c:9: malloc\(\) is banned"),
    "clock read outside its file": (
        "banned", "sim/world.c", "long f(void) { return time(0); }\n", r"world.c:1: time\(\)"),
    "file too long": (
        "files", ONE, CODE + "\n" * 600, "one.c:610: 610 lines; at most 600"),
    "header that does not compile alone": (
        "headers", "controller/base/one.h", HEADER.replace("int one_next(int n)", "size_t one(void)"),
        "one.h:6: unknown type name"),
    "mutable state at file scope": (
        "state", ONE, CODE.replace("return n", "static int calls;\n    return calls++ + n"),
        "one.c:1: calls is mutable state"),
    "mutable state with a value": (
        "state", ONE, CODE + "int level = 3;\n", "one.c:1: level is mutable state"),
    "function too long": ("tidy", ONE, using_two(LONG_BODY), "function 'two' exceeds recommended"),
    "too many parameters": (
        "tidy", ONE, using_two("", "int n, int a, int b, int c, int d, int e", "two(n,1,2,3,4,5)"),
        "function 'two' exceeds recommended"),
    "nesting too deep": ("tidy", ONE, using_two(DEEP), "function 'two' exceeds recommended"),
    "no braces": (
        "tidy", ONE, using_two("    if (n)\n        n++;\n"), "one.c:9: statement should be inside braces"),
    "recursion": ("tidy", ONE, using_two("    n += two(n);\n"), "'two' is within a recursive call chain"),
    "null pointer followed": (
        "tidy", ONE, using_two("    int *p = 0;\n    n += *p;\n"), "one.c:10: Dereference of null pointer"),
}


def plant(root, files):
    """A fresh small tree in root with these files beside HEADER and CODE, compiled for `state`."""
    for entry in root.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    tree = {"controller/base/one.h": HEADER, ONE: CODE, **files}
    for name in (".clang-format", ".clang-tidy"):
        shutil.copy(TOP / name, root / name)
    for path, text in tree.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    for path in tree:
        if path.endswith(".c"):
            built = root / "build" / "obj" / path.replace(".c", ".o")
            built.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["gcc", "-O2", "-w", "-I.", "-c", "-o", str(built), path], cwd=root,
                           capture_output=True, check=False)


def lint(root, *rules):
    result = subprocess.run([sys.executable, str(HERE / "lint.py"), "--root", str(root), *rules],
                            capture_output=True, text=True, check=False)
    return result.returncode, result.stdout + result.stderr


def tell(name, good, output):
    """Prints the result of one check and gives it back."""
    if good:
        print(f"ok {name}")
    else:
        for line in output.splitlines():
            print(f"# {line}")
        print(f"not ok {name}: the lint said otherwise")
    return bool(good)


def check_clean_tree(root):
    plant(root, {ONE: using_two(AT_THE_LIMIT, "int n, int a, int b, int c, int d", "two(n,1,2,3,4)")})
    code, output = lint(root, *(rule for rule in RULES if rule != "format"))
    yield tell("a function at the limits passes", code == 0, output)
    plant(root, {})
    code, output = lint(root)
    yield tell("a clean tree passes every rule", code == 0 and "not ok" not in output, output)
    code, again = lint(root)
    yield tell("a second look says the same", code == 0 and again == output, again)
    (root / ONE).write_text(VIOLATIONS["recursion"][2], encoding="utf-8")
    code, output = lint(root, "tidy")
    yield tell("a changed file is looked at again", code == 1, output)


def check_violations(root):
    for name, (rule, path, text, reason) in VIOLATIONS.items():
        plant(root, {path: text})
        code, output = lint(root, rule)
        found = re.search(reason, output) and f"\nnot ok lint.{rule}: " in output
        yield tell(name, code == 1 and found, output)
    untested = set(RULES) - {violation[0] for violation in VIOLATIONS.values()}
    yield tell("every rule has a violation here", not untested, str(untested))


def main():
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory).resolve()
        results = [*check_clean_tree(root), *check_violations(root)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
