#!/usr/bin/env python3
"""Checks that dependencies between the folders of the library point one way and name public headers alone, by reading
the #include lines.

    python3 tools/check_includes.py [SOURCE FOLDER]

Prints one line per edge that is not allowed; exit code 1 when there is one.
"""
import re
import sys
from pathlib import Path

# What each folder stands on. Two folders that want the same thing: it moves down.
FILES = ["core", "io", "figures", "interop"]
NUMERICS = ["models", "metrics", "diffusion"]
BELOW_RUN = [*FILES, *NUMERICS, "distributed", "data"]
ALLOWED = {
    "core": [],
    "distributed": ["core"],
    "io": ["core"],
    "figures": ["core", "io"],
    "interop": ["core", "io"],
    "data": FILES,
    "metrics": ["core"],
    "models": ["core", "metrics"],
    "diffusion": ["core", "metrics", "models"],
    "run": BELOW_RUN,
    "training": [*BELOW_RUN, "run"],
    "analysis": [*BELOW_RUN, "run"],
    "evaluation": [*BELOW_RUN, "run", "analysis"],
    "diagnosis": [*BELOW_RUN, "run", "analysis", "evaluation"],
    "report": [*FILES, *NUMERICS, "data", "run", "training"],
    "sweep": ["core", "io", "figures", "metrics", "run", "training"],
    "cli": [*BELOW_RUN, "run", "training", "analysis", "evaluation", "diagnosis", "report", "sweep"],
}
# The numerics know neither paths nor configuration files nor the log.
NOT_FOR_NUMERICS = re.compile(r"filesystem|fstream|yaml-cpp/.*|patronus/core/(log|config|progress)\.h")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


PUBLIC = "patronus/"


def folder_of(include: str) -> str | None:
    """The library's folder that an include names (patronus/io/image.h, or the private io/unpickler.h)."""
    parts = include.removeprefix(PUBLIC).split("/")
    return parts[0] if len(parts) == 2 and parts[0] in ALLOWED else None


def problem(folder: str, include: str) -> str | None:
    used = folder_of(include)
    if used and used != folder and used not in ALLOWED[folder]:
        return f"{folder} must not depend on {used}; it may use {', '.join(ALLOWED[folder]) or 'no other folder'}"
    if used and used != folder and not include.startswith(PUBLIC):
        return f"private to {used}; move it to include/patronus/{used}, or what is needed of it"
    if folder in NUMERICS and NOT_FOR_NUMERICS.fullmatch(include):
        return f"{folder} must not know files, configuration files or the log; pass in what it needs"
    return None


def problems(root: Path):
    for top in (root / "include" / "patronus", root / "src"):
        for path in sorted(top.rglob("*")):
            if path.suffix not in (".h", ".cpp", ".cu"):
                continue
            folder = path.relative_to(top).parts[0]
            if folder not in ALLOWED:
                yield f"{path.relative_to(root)}: folder {folder} has no place in tools/check_includes.py; add it to ALLOWED"
                continue
            for include in INCLUDE.findall(path.read_text(encoding="utf-8")):
                if found := problem(folder, include):
                    yield f"{path.relative_to(root)}: includes {include}: {found}"


if __name__ == "__main__":
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]
    found = list(problems(source))
    for line in found:
        print(line)
    sys.exit(1 if found else 0)
