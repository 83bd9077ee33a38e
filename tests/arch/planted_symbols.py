#!/usr/bin/env python3
"""Compiles one planted violation into an archive; check_rt.py must refuse it by symbol and object.

    planted_symbols.py --list
    planted_symbols.py --cxx COMPILER CASE

The cases are the sources in tests/rt/planted whose first line is "// expect: SYMBOL", or, for what is compiled
the second time only, "// expect in avx2: SYMBOL".
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLAGS = ["-std=c++20", "-O3", "-DNDEBUG", "-fno-math-errno", "-fno-stack-protector"]
MARK = "// expect: "
MARK_SECOND = "// expect in avx2: "


def expected(source):
    with source.open() as lines:
        first = lines.readline().strip()
    if first.startswith(MARK_SECOND):
        return "avx2", first.removeprefix(MARK_SECOND)
    return ("dsp", first.removeprefix(MARK)) if first.startswith(MARK) else None


def cases():
    """Title -> source."""
    found = {}
    for source in sorted((ROOT / "tests/rt/planted").glob("*.cpp")):
        if found_mark := expected(source):
            what = "passes" if found_mark[1] == "nothing" else "is named"
            found[f"a planted {source.stem} in the audio archives {what}"] = source
    return found


def run(cxx, source):
    floor, symbol = expected(source)
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        (root / "dsp").mkdir()
        (root / "lib").mkdir()
        (root / "dsp" / source.name).write_text(source.read_text())
        compiled = root / f"{source.stem}.o"
        subprocess.run([cxx, *FLAGS, "-c", source, "-o", compiled], check=True)
        subprocess.run(["ar", "rcs", root / "lib/libchronus_dsp.a"], check=True)
        subprocess.run(["ar", "rcs", root / f"lib/libchronus_{floor}.a", compiled], check=True)
        check = [sys.executable, ROOT / "scripts/check_rt.py", root, "--root", root]
        done = subprocess.run(check, capture_output=True, text=True)
    print(done.stdout + done.stderr, end="")
    if symbol == "nothing":
        return done.returncode == 0
    named = f"libchronus_{floor}.a({source.stem}.o): "
    return done.returncode == 1 and any(
        line.startswith(named) and symbol in line for line in done.stdout.splitlines()
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--cxx", default="c++")
    parser.add_argument("case", nargs="?", choices=cases())
    options = parser.parse_args()
    if options.list or options.case is None:
        print("\n".join(cases()))
        return 0
    return 0 if run(options.cxx, cases()[options.case]) else 1


if __name__ == "__main__":
    sys.exit(main())
