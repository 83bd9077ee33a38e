#!/usr/bin/env python3
"""Checks that the documents say what the program does.

    scripts/check_docs.py BUILD_DIR [--root DIR]

- What BUILD_DIR/chronus_docs makes is what is committed, file by file.
- Every relative link in *.md leads to a file, and to a heading where it names one.
- The reference names every parameter, command, track key and error that the sources do.

Prints "file: why" for each fault; exits 1 if there is one.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

MADE = ["docs/reference.md", "docs/pictures", "man", "completions"]
SKIPPED = {"build", ".git"}
REFERENCE = "docs/reference.md"

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^\s*(```|~~~)")
HEADING = re.compile(r"^#{1,6}\s+(.*)$")

# What the sources name, where, and how it must stand in the reference.
NAMES = [
    ("engine/model/params.h", re.compile(r'ParamSpec\{"([^"]+)"'), "/{}`"),
    ("engine/model/params.h", re.compile(r'ModuleSpec\{"([^"]+)"'), "### {}"),
    ("osc/verbs_*.cpp", re.compile(r'Verb\{\s*"(/[^"]+)"'), "| `{}` |"),
    ("osc/topics.h", re.compile(r'Topic\{\s*"(/[^"]+)"'), "| `{}` |"),
    ("osc/errors.h", re.compile(r'ErrorRow\{Errc::\w+, "([^"]+)"'), "| `{}` |"),
    ("patterns/text/track_keys.cpp", re.compile(r'TrackKey\{"([^"]+)"'), "| `{}` |"),
]


def files_below(folder):
    """{path within folder: bytes}"""
    if folder.is_file():
        return {pathlib.Path(folder.name): folder.read_bytes()}
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def check_made(root, build):
    with tempfile.TemporaryDirectory() as fresh:
        done = subprocess.run([build / "chronus_docs", fresh], capture_output=True, text=True)
        if done.returncode != 0:
            yield f"chronus_docs: {done.stderr.strip()}"
            return
        for part in MADE:
            made = files_below(pathlib.Path(fresh) / part)
            kept = files_below(root / part) if (root / part).exists() else {}
            folder = pathlib.Path(part).parent if (root / part).is_file() else pathlib.Path(part)
            for path in sorted(made.keys() | kept.keys()):
                if path not in kept:
                    yield f"{folder / path}: missing; run scripts/docs"
                elif path not in made:
                    yield f"{folder / path}: nothing makes it any more; remove it"
                elif made[path] != kept[path]:
                    yield f"{folder / path}: not what the tables say; run scripts/docs"


def prose(text):
    """Lines outside of code blocks, with code spans blanked."""
    inside = False
    for line in text.splitlines():
        if FENCE.match(line):
            inside = not inside
        elif not inside:
            yield re.sub(r"`[^`]*`", lambda m: " " * len(m.group()), line)


def anchor(heading):
    """As GitHub makes it."""
    words = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return words.replace(" ", "-")


def anchors(path):
    inside = False
    for line in path.read_text().splitlines():
        if FENCE.match(line):
            inside = not inside
        elif not inside and (found := HEADING.match(line)):
            yield anchor(found.group(1))


def check_links(root):
    for page in sorted(root.rglob("*.md")):
        if SKIPPED & set(page.relative_to(root).parts):
            continue
        for line in prose(page.read_text()):
            for target in LINK.findall(line):
                if re.match(r"[a-z]+:", target):
                    continue
                path, _, heading = target.partition("#")
                aim = (page.parent / path).resolve() if path else page
                if not aim.exists():
                    yield f"{page.relative_to(root)}: {target} leads nowhere"
                elif heading and aim.suffix == ".md" and heading not in anchors(aim):
                    yield f"{page.relative_to(root)}: {target} names no heading"


def check_names(root):
    reference = (root / REFERENCE).read_text()
    for pattern, name, form in NAMES:
        found = [n for file in sorted(root.glob(pattern)) for n in name.findall(file.read_text())]
        if not found:
            yield f"{pattern}: names nothing this check knows"
        for wanted in found:
            if form.format(wanted) not in reference:
                yield f"{REFERENCE}: does not name {wanted} of {pattern}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    args = parser.parse_args()
    if not (args.build / "chronus_docs").exists():
        sys.exit(f"check_docs: {args.build}/chronus_docs is not built")
    root = args.root.resolve()
    faults = [*check_made(root, args.build.resolve()), *check_links(root), *check_names(root)]
    for fault in faults:
        print(fault)
    if faults:
        sys.exit(1)
    print("check_docs: documents and tables agree")


if __name__ == "__main__":
    main()
