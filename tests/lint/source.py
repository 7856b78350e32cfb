"""The sources under judgement: finding them, blanking comments and strings, their includes, and a
cache that remembers by content what was already found clean."""

import hashlib
import os
import pathlib
import re

ROOMS = ("controller", "adapters", "optimizer", "sim", "tests")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
TOKENS = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def blank(match):
    """Spaces for everything but line ends, so that line numbers stay."""
    return re.sub(r"[^\n]", " ", match.group(0))


class Source:
    """One file: its path from the top of the tree, and its text."""

    def __init__(self, root, path):
        self.root = root
        self.path = path
        self.text = (root / path).read_text(encoding="utf-8", errors="replace")

    @property
    def code(self):
        """The text without comments and string contents."""
        return TOKENS.sub(blank, self.text)

    def includes(self):
        """Yields (line, '<' or '"', name) of each include that is not commented out."""
        uncommented = re.sub(r"//[^\n]*|/\*.*?\*/", blank, self.text, flags=re.DOTALL)
        for match in INCLUDE.finditer(uncommented):
            yield uncommented.count("\n", 0, match.start()) + 1, match.group(1), match.group(2)


def find(root, endings, rooms=ROOMS):
    """All sources below the rooms whose name has one of the endings, in order."""
    found = []
    for room in rooms:
        for path in sorted((root / room).rglob("*")):
            if path.suffix in endings and path.is_file():
                found.append(Source(root, path.relative_to(root).as_posix()))
    return found


def read_table(path):
    """Rows of a table file: words of each line up to #; empty lines are skipped."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [words for words in (line.partition("#")[0].split() for line in lines) if words]


def under(path, prefixes):
    """True if path is one of the prefixes or lies below one of them; * is everything."""
    return any(p == "*" or path == p or path.startswith(p.rstrip("/") + "/") for p in prefixes)


class Cache:
    """Remembers under build/lint/ which (rule, content) pairs were clean. A file's content is its
    own text, that of all headers of ours that it reaches, and the rule's settings."""

    def __init__(self, root):
        self.root = root
        self.directory = root / "build" / "lint"
        self.digests = {}

    def key(self, rule, path, settings):
        digest = hashlib.sha256(f"{rule}\0{path}\0{settings}\0".encode())
        for reached in sorted(self._closure(path)):
            digest.update(f"{reached}\0".encode() + self._digest(reached))
        return self.directory / rule / digest.hexdigest()

    def _digest(self, path):
        if path not in self.digests:
            self.digests[path] = hashlib.sha256((self.root / path).read_bytes()).digest()
        return self.digests[path]

    def _closure(self, path):
        reached, todo = {path}, [path]
        while todo:
            for _, kind, name in Source(self.root, todo.pop()).includes():
                if kind == '"' and name not in reached and (self.root / name).is_file():
                    reached.add(name)
                    todo.append(name)
        return reached

    @staticmethod
    def remember(key):
        key.parent.mkdir(parents=True, exist_ok=True)
        key.touch()


def flags(root):
    """The compiler flags that make left, or what a bare tree can do with."""
    made = root / "build" / "cflags"
    if made.is_file():
        return made.read_text(encoding="utf-8").split()
    return ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", "-I."]


def processors():
    return len(os.sched_getaffinity(0))


def here(name):
    return pathlib.Path(__file__).resolve().parent / name
