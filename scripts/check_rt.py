#!/usr/bin/env python3
"""Checks that the audio thread's archives reach nothing outside themselves.

    scripts/check_rt.py BUILD_DIR [--root DIR]

Takes what the optimised libchronus_dsp.a, _model.a, _rt.a and _avx2.a leave undefined, less what they
define; only mem* and what is never called may remain. Prints "archive(object): symbol" for everything else and exits 1.

Where dsp and rt are compiled a second time, into _avx2.a, also looks that what the linker may take from either, as
all functions with one name are one, is made of instructions every machine has.
"""

import argparse
import pathlib
import subprocess
import sys

FLOORS = {"dsp": "dsp", "model": "engine/model", "rt": "engine/rt"}  # archive -> folder
SECOND = "libchronus_avx2.a"  # dsp and rt again; of x86-64 alone
ALLOWED = {
    "memcpy", "memmove", "memset", "memcmp",
    "_GLOBAL_OFFSET_TABLE_",
    # Named in the tables of a function that has a destructor to run, and called only while something
    # is thrown; what throws (__cxa_throw, a call outside) is refused by its own name.
    "__gxx_personality_v0",
}


def archives(build, root):
    """The archive of every floor that has something to compile; it must have been built."""
    for name, folder in FLOORS.items():
        if any((root / folder).glob("*.cpp")):
            archive = build / "lib" / f"libchronus_{name}.a"
            if not archive.is_file():
                sys.exit(f"check_rt: {archive} is missing: build first")
            yield archive
    if (second := build / "lib" / SECOND).is_file():
        yield second


def symbols(archive, which):
    """(object, symbol) for every line of nm."""
    nm = ["nm", "--format=posix", "--print-file-name", which, str(archive)]
    listing = subprocess.run(nm, check=True, capture_output=True, text=True).stdout
    for line in listing.splitlines():
        place, _, rest = line.partition("]: ")
        yield place.rpartition("[")[2], rest.split()[0]


def shared_avx(archive):
    """(object, symbol) of every function outside the second set's own namespaces that uses AVX."""
    shared = {name for _, name in symbols(archive, "--defined-only") if "_avx2" not in name}
    listing = subprocess.run(["objdump", "-d", "--no-show-raw-insn", str(archive)],
                             check=True, capture_output=True, text=True).stdout
    obj = function = None
    for line in listing.splitlines():
        if ": " in line and "file format" in line:
            obj = line.split(":")[0]
        elif line.endswith(">:"):
            function = line[line.index("<") + 1 : -2]
        elif function in shared and line.partition("\t")[2].startswith("v"):
            yield obj, function
            function = None


def demangled(names):
    if not names:
        return []
    done = subprocess.run(["c++filt"], input="\n".join(names), check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path, help="a build of the release preset")
    parser.add_argument("--root", type=pathlib.Path, default=here, help="the tree (default: ours)")
    options = parser.parse_args()

    found = list(archives(options.build, options.root))
    defined = {name for a in found for _, name in symbols(a, "--defined-only")}
    escapes = [
        (archive.name, obj, name)
        for archive in found
        for obj, name in symbols(archive, "--undefined-only")
        if name not in defined and name not in ALLOWED
    ]
    for (archive, obj, name), readable in zip(escapes, demangled([e[2] for e in escapes])):
        print(f"{archive}({obj}): {readable}" + (f"  [{name}]" if readable != name else ""))
    print(f"check_rt: {len(found)} archives, {len(escapes)} ways out of the audio thread")
    traps = [trap for archive in found if archive.name == SECOND for trap in shared_avx(archive)]
    for (obj, name), readable in zip(traps, demangled([t[1] for t in traps])):
        print(f"{SECOND}({obj}): {readable} needs AVX; include its header in engine/rt/avx2.h")
    return 1 if escapes or traps else 0


if __name__ == "__main__":
    sys.exit(main())
