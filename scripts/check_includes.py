#!/usr/bin/env python3
"""Checks that every #include goes down the floors and every library has one door.

    scripts/check_includes.py [--root DIR]

Prints "file:line: why" for each include that breaks the tables below; exits 1 if there is one.
"""

import argparse
import pathlib
import re
import sys

# A file may include its own floor and what its floor's row lists. The path decides the floor.
AUDIO = ["dsp", "engine/model", "engine/rt"]
KEEPING = ["patterns/text", "patterns/store", "patterns/history"]
FLOORS = {
    "dsp": [],
    "engine/model": ["dsp"],
    "engine/rt": ["dsp", "engine/model"],
    "engine/result.h": [],
    "engine/host": [*AUDIO, "engine/result.h"],
    "patterns/text": ["dsp", "engine/model", "engine/result.h"],
    "patterns/store": ["dsp", "engine/model", "engine/result.h", "patterns/text"],
    "patterns/history": ["dsp", "engine/model", "engine/result.h", "patterns/text", "patterns/store"],
    "patterns/show": ["dsp", "engine/model", "engine/result.h", "engine/host", *KEEPING],
    "osc": [*AUDIO, "engine/result.h", "engine/host", *KEEPING, "patterns/show"],
    "tools": [*AUDIO, "engine/result.h", "engine/host", *KEEPING, "patterns/show", "osc"],
}
FREE = "tests"  # may include everything, and nobody may include it

# The audio floors use these headers and no others; one more is a decision made here.
AUDIO_STD = set(
    "algorithm array atomic bit cmath compare concepts cstddef cstdint limits numbers optional span "
    "string_view type_traits utility variant".split()
)
AUDIO_EXTRA = {
    "xmmintrin.h": ["dsp/rt.h"],  # flush-to-zero
    "new": ["engine/rt/engine.h"],  # to make an instrument in place
    "concurrentqueue/concurrentqueue.h": ["engine/model/mailbox.h"],
}

# A library's headers (a path, or a folder ending in /) and the only files or folders behind
# whose door it may be seen.
DOORS = {
    "RtAudio.h": ["engine/host/audio_device.cpp", "engine/host/rtaudio_device.cpp"],
    "rtaudio/": ["engine/host/audio_device.cpp", "engine/host/rtaudio_device.cpp"],
    "sndfile.h": ["engine/host/sound_file.cpp"],
    "sndfile.hh": [],
    "lo/": ["osc/packet.cpp", "osc/client.cpp"],
    "nlohmann/": ["patterns/"],
    "CLI/": ["tools/"],
    "histedit.h": ["tools/chronusctl/typed_lines.cpp"],
    "concurrentqueue/": ["engine/model/mailbox.h"],
    "concurrentqueue.h": [],
    "minizip/": ["patterns/store/archive.cpp"],
    "nettle/": ["patterns/"],
    "sqlite3.h": ["patterns/history/database.cpp"],
    "zstd.h": ["patterns/history/packed.cpp"],
    "jack/": ["engine/host/audio_device.cpp", "engine/host/rtaudio_device.cpp"],
    "catch2/": [],
}

SUFFIXES = {".h", ".hpp", ".hh", ".inc", ".ipp", ".c", ".cc", ".cpp", ".cxx"}
DIRECTIVE = re.compile(r"^\s*(?:#|%:|\?\?=)\s*(include_next|include|import)\b\s*(.*)$")
TARGET = re.compile(r'^(?:"([^"]+)"|<([^>]+)>)')


def within(path, places):
    """Whether `path` is one of `places`, or lies in one of them."""
    return any(path == place or path.startswith(place.rstrip("/") + "/") for place in places)


def floor_of(path):
    return next((floor for floor in FLOORS if within(path, [floor])), None)


def ours(target):
    """Whether an include path means a file of this tree."""
    return within(target, ["dsp", "engine", "patterns", "osc", "tools", FREE])


def refuse_own(path, floor, target):
    if ".." in target.split("/") or not ours(target):
        return f'"{target}": write our includes from the root, as in "dsp/svf.h"'
    if within(target, [FREE]):
        return f'"{target}": nothing outside tests/ may include tests/'
    wanted = floor_of(target)
    if wanted is None:
        return f'"{target}": lies on no floor'
    if wanted != floor and wanted not in FLOORS[floor]:
        below = ", ".join(FLOORS[floor]) or "nothing"
        return f'"{target}": {floor} may include itself and {below}, not {wanted}'
    return None


def refuse_system(path, floor, target):
    if ours(target):
        return f'<{target}>: our own headers are included with quotes'
    if floor in AUDIO and target not in AUDIO_STD and not within(path, AUDIO_EXTRA.get(target, [])):
        return f"<{target}>: not on the allow list of the audio floors"
    for library, doors in DOORS.items():
        if target == library or (library.endswith("/") and target.startswith(library)):
            if not within(path, doors):
                place = " or ".join(doors) or "tests/"
                return f"<{target}>: only {place} may include it"
    return None


def refuse(path, floor, directive, rest):
    """Why one include directive of `path` is not allowed, or None."""
    target = TARGET.match(rest)
    if directive != "include" or target is None:
        return f"#{directive} {rest}: only plain #include with a literal name can be checked"
    if target[1] is not None:
        return refuse_own(path, floor, target[1])
    return refuse_system(path, floor, target[2])


def check_file(root, path):
    if within(path, [FREE]):
        return
    floor = floor_of(path)
    if floor is None:
        yield f"{path}:1: lies on no floor; see the table in scripts/check_includes.py"
        return
    text = (root / path).read_text(encoding="utf-8", errors="replace").replace("\\\n", " \n")
    for number, line in enumerate(text.split("\n"), start=1):
        if found := DIRECTIVE.match(line):
            if why := refuse(path, floor, found[1], found[2].strip()):
                yield f"{path}:{number}: {why}"


def sources(root):
    for file in sorted(root.rglob("*")):
        path = file.relative_to(root).as_posix()
        if file.suffix in SUFFIXES and not path.startswith(("build", ".")):
            yield path


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=here, help="the tree (default: ours)")
    root = parser.parse_args().root
    paths = list(sources(root))
    errors = [error for path in paths for error in check_file(root, path)]
    for error in errors:
        print(error)
    print(f"check_includes: {len(paths)} files, {len(errors)} wrong includes")
    if not paths:
        print(f"check_includes: no sources under {root}", file=sys.stderr)
    return 1 if errors or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
