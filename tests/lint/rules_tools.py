"""Rules that ask a tool: layout (clang-format), clang-tidy, headers (gcc), state (nm)."""

import concurrent.futures
import os
import re
import subprocess

import source

FINDING = re.compile(r"^(?P<file>[^:\s]+):(?P<line>\d+):\d+: (?:fatal error|error|warning): "
                     r"(?P<text>.*)$", re.MULTILINE)
SIZE_NOTE = re.compile(r": note: (?P<text>[^\n]*\(threshold \d+\))$", re.MULTILINE)
FINDINGS_PER_FILE = 20
# The analyzer's default (225000 nodes per function) takes twice as long over the whole tree, for
# paths so deep that it has found nothing on them here.
ANALYZER_NODES_MAX = 75000
MUTABLE = re.compile(r"^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)(?!\.rel\.ro)")


def run(root, command):
    return subprocess.run(command, cwd=root, capture_output=True, text=True, errors="replace",
                          check=False)


def for_each(root, rule, paths, settings, jobs, command_of, say):
    """Runs a command per file, several at a time; clean files are remembered and not asked again."""
    cache = source.Cache(root)
    todo = [(path, cache.key(rule, path, settings)) for path in paths]
    todo = [(path, key) for path, key in todo if not key.exists()]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        results = pool.map(lambda item: run(root, command_of(item[0])), todo)
        said = set()
        for (path, key), result in zip(todo, results):
            if result.returncode == 0:
                cache.remember(key)
                continue
            fresh = [f for f in findings(root, path, result) if f not in said]
            said.update(fresh)
            for finding in fresh[:FINDINGS_PER_FILE]:
                say(*finding)
            if len(fresh) > FINDINGS_PER_FILE:
                say(path, 1, f"and {len(fresh) - FINDINGS_PER_FILE} more findings")


def findings(root, asked, result):
    """(file, line, text) of each message; at least one if the tool failed in its own way."""
    output = result.stdout + result.stderr
    if "[-Wclang-format-violations]" in output:
        count = output.count("[-Wclang-format-violations]")
        first = FINDING.search(output)
        line = int(first["line"]) if first else 1
        return [(asked, line, f"layout differs from here on ({count} places); run make format")]
    found = []
    starts = list(FINDING.finditer(output))
    for m, after in zip(starts, [*starts[1:], None]):
        notes = SIZE_NOTE.findall(output, m.end(), after.start() if after else len(output))
        text = m["text"].partition(" [")[0] if notes else m["text"]
        path = os.path.relpath(root / m["file"], root)
        found.append((path, int(m["line"]), ": ".join([text, *notes[:2]])))
    if found:
        return found
    last = output.strip().splitlines()[-1:] or ["no message"]
    return [(asked, 1, f"exit status {result.returncode}: {last[0]}")]


def layout(root, say, jobs):
    """clang-format would change nothing."""
    settings = (root / ".clang-format").read_text(encoding="utf-8")
    paths = [s.path for s in source.find(root, {".c", ".h"})]
    for_each(root, "format", paths, settings, jobs,
             lambda path: ["clang-format-14", "--dry-run", "--Werror", path], say)


def tidy(root, say, jobs):
    """clang-tidy with the checks of .clang-tidy, function sizes among them; tests have their own."""
    settings = (root / ".clang-tidy").read_text(encoding="utf-8")
    tests = root / "tests" / ".clang-tidy"
    settings += tests.read_text(encoding="utf-8") if tests.is_file() else ""
    flags = [*source.flags(root), "-Wno-error", "-Xclang", "-analyzer-config", "-Xclang",
             f"max-nodes={ANALYZER_NODES_MAX}"]
    paths = [s.path for s in source.find(root, {".c"})]
    for_each(root, "tidy", paths, settings + " ".join(flags), jobs,
             lambda path: ["clang-tidy-14", "--quiet", path, "--", *flags], say)


def headers(root, say, jobs):
    """Each header compiles alone."""
    flags = source.flags(root)
    paths = [s.path for s in source.find(root, {".h"})]
    for_each(root, "headers", paths, " ".join(flags), jobs,
             lambda path: ["gcc", *flags, "-fsyntax-only", "-include", path, "-x", "c", "/dev/null"],
             say)


def state(root, say, _jobs):
    """No mutable variable outlives a call: nothing in the data sections of build/obj, but state.txt."""
    allowed = {(row[0], row[1]) for row in source.read_table(source.here("state.txt"))}
    paths = [s.path for s in source.find(root, {".c"}, source.ROOMS[:-1])]
    objects = {root / "build" / "obj" / path.replace(".c", ".o"): path for path in paths}
    for built, path in objects.items():
        if not built.is_file():
            say(path, 1, "has not been compiled; run make first")
            continue
        for row in run(root, ["nm", "--format=sysv", str(built)]).stdout.splitlines():
            columns = [column.strip() for column in row.split("|")]
            if len(columns) != 7 or not MUTABLE.match(columns[6]) or columns[3] == "SECTION":
                continue
            name = columns[0].partition(".")[0]
            if (path, name) not in allowed:
                say(path, 1, f"{name} is mutable state at file scope or static ({columns[6]})")
