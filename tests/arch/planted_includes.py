#!/usr/bin/env python3
"""Plants one wrong include in a copy of the tree; check_includes.py must refuse it by line.

    planted_includes.py --list
    planted_includes.py CASE
"""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLOORS = ["dsp", "engine", "patterns", "osc", "tools", "tests"]

# title: (file the line is planted in, the line, words of the refusal or None when it is allowed)
CASES = {
    "an upward include is refused": (
        "dsp/planted.cpp", '#include "engine/rt/engine.h"', "dsp may include itself"),
    "an include of result.h on the audio floors is refused": (
        "engine/rt/planted.h", '#include "engine/result.h"', "not engine/result.h"),
    "an include from host into patterns is refused": (
        "engine/host/planted.h", '#include "patterns/store/slots.h"', "not patterns/store"),
    "an include from patterns into host is refused": (
        "patterns/store/planted.h", '#include "engine/host/session.h"', "not engine/host"),
    "an include from patterns into the audio thread is refused": (
        "patterns/show/planted.h", '#include "engine/rt/engine.h"', "not engine/rt"),
    "an include from text into store is refused": (
        "patterns/text/planted.h", '#include "patterns/store/slots.h"', "not patterns/store"),
    "an include of tools is refused": (
        "osc/planted.h", '#include "tools/chronusd.h"', "not tools"),
    "an include of the tests is refused": (
        "osc/planted.h", '#include "tests/support/rt_guard.h"', "may include tests/"),
    "vector in dsp is refused": ("dsp/planted.h", "#include <vector>", "allow list"),
    "chrono in the audio thread is refused": (
        "engine/rt/planted.h", "#  include   <chrono> // now", "allow list"),
    "a C header in dsp is refused": ("dsp/planted.h", "#include <math.h>", "allow list"),
    "RtAudio in osc is refused": (
        "osc/planted.cpp", "#include <RtAudio.h>", "only engine/host/audio_device.cpp"),
    "RtAudio under its other name is refused": (
        "engine/host/session.cpp", "#include <rtaudio/RtAudio.h>", "only engine/host/audio_device.cpp"),
    "libsndfile outside its door is refused": (
        "engine/host/session.cpp", "#include <sndfile.h>", "only engine/host/sound_file.cpp"),
    "liblo outside its doors is refused": ("osc/value.cpp", "#include <lo/lo.h>", "only osc/packet.cpp"),
    "nlohmann outside patterns is refused": (
        "osc/value.cpp", "#include <nlohmann/json.hpp>", "only patterns/"),
    "CLI11 outside tools is refused": ("osc/value.cpp", "#include <CLI/CLI.hpp>", "only tools/"),
    "the queue outside the mailbox is refused": (
        "engine/host/session.cpp", "#include <concurrentqueue/concurrentqueue.h>", "mailbox.h may"),
    "the queue in the audio thread is refused": (
        "engine/rt/planted.h", "#include <concurrentqueue/concurrentqueue.h>", "allow list"),
    "a path relative to the file is refused": ("dsp/planted.h", '#include "svf.h"', "from the root"),
    "a path through the parent is refused": (
        "dsp/planted.h", '#include "dsp/../engine/rt/engine.h"', "from the root"),
    "our header in angle brackets is refused": (
        "dsp/planted.h", "#include <engine/rt/engine.h>", "with quotes"),
    "an include by macro is refused": ("dsp/planted.h", "#include SECRET", "literal name"),
    "an include broken over two lines is refused": (
        "dsp/planted.h", "#include \\\n<vector>", "literal name"),
    "a source on no floor is refused": ("engine/planted.cpp", "int x;", "lies on no floor"),
    "a downward include is allowed": ("osc/planted.cpp", '#include "dsp/svf.h"', None),
    "a test that includes everything is allowed": (
        "tests/osc/planted.cpp", '#include "engine/rt/engine.h"\n#include <RtAudio.h>', None),
}


def copy_tree(to):
    """A copy of all floors; what else lies in the tree does not matter to the check."""
    for floor in FLOORS:
        if (ROOT / floor).is_dir():
            shutil.copytree(ROOT / floor, to / floor)


def plant(file, line):
    """Appends `line`, and says on which line it starts."""
    file.parent.mkdir(parents=True, exist_ok=True)
    text = file.read_text() if file.is_file() else "#pragma once\n"
    file.write_text(text + line + "\n")
    return text.count("\n") + 1


def run(title):
    where, line, refusal = CASES[title]
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        copy_tree(root)
        number = plant(root / where, line)
        check = [sys.executable, ROOT / "scripts/check_includes.py", "--root", root]
        done = subprocess.run(check, capture_output=True, text=True)
    said = [text for text in done.stdout.splitlines() if text.startswith(f"{where}:")]
    if refusal is None:
        return said == [], done.stdout
    # A file on no floor is refused as a whole, at its first line.
    number = 1 if "no floor" in refusal else number
    hit = any(text.startswith(f"{where}:{number}: ") and refusal in text for text in said)
    return hit and done.returncode == 1, done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--cxx", help="ignored: nothing is compiled here")
    parser.add_argument("case", nargs="?", choices=CASES)
    options = parser.parse_args()
    if options.list or options.case is None:
        print("\n".join(CASES))
        return 0
    bites, said = run(options.case)
    print(said, end="")
    return 0 if bites else 1


if __name__ == "__main__":
    sys.exit(main())
