#!/usr/bin/env python3
"""Checks the house style by machine.

    tests/lint/lint.py [--root DIR] [--jobs N] [RULE...]

Prints, per rule, `ok lint.RULE` or the findings as `file:line: text` and then
`not ok lint.RULE: N findings`. Exit status 1 if a rule is broken. `make lint` builds first, because
`state` looks at the objects; the other rules work on a tree that does not compile.
"""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
import rules_text  # noqa: E402
import rules_tools  # noqa: E402
import source  # noqa: E402

TEXT_RULES = {
    "rooms": rules_text.rooms,
    "doors": rules_text.doors,
    "banned": rules_text.banned,
    "files": rules_text.files,
}
TOOL_RULES = {
    "format": rules_tools.layout,
    "headers": rules_tools.headers,
    "state": rules_tools.state,
    "tidy": rules_tools.tidy,
}


def main():
    parser = argparse.ArgumentParser(description="checks the house style")
    parser.add_argument("--root", type=pathlib.Path, default=source.here("../.."))
    parser.add_argument("--jobs", type=int, default=source.processors())
    parser.add_argument("rules", nargs="*", metavar="RULE",
                        help=f"of {' '.join([*TEXT_RULES, *TOOL_RULES])}; default all")
    args = parser.parse_args()
    unknown = set(args.rules) - set(TEXT_RULES) - set(TOOL_RULES)
    if unknown:
        parser.error(f"no such rule: {' '.join(sorted(unknown))}")
    root = args.root.resolve()
    broken = False
    for rule in args.rules or [*TEXT_RULES, *TOOL_RULES]:
        count = 0

        def say(path, line, text):
            nonlocal count
            count += 1
            print(f"{path}:{line}: {text}")

        if rule in TEXT_RULES:
            TEXT_RULES[rule](root, say)
        else:
            TOOL_RULES[rule](root, say, args.jobs)
        print(f"not ok lint.{rule}: {count} findings" if count else f"ok lint.{rule}", flush=True)
        broken = broken or count > 0
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
