"""Every command of the documents, run as a reader would run it, and what they say is seen.

README.md, docs/*.md and docs/how-to/*.md are read from top to bottom. Each gets a daemon on the
null device and a home folder of its own; programs are found on the PATH, the daemon by the file
it leaves. A block of code is fenced with what is to be done with it:

    ```sh              run; every command must succeed
    ```sh fails        run; the last command must fail
    ```sh needs=NAME   run where there is a program of that name
    ```python, ```js   run by python3, or by node with the packages of compat/package.json
    ```... no-test     not run: it needs what no test machine has
    ```output          what the block before it prints, on both streams; … stands for any text,
                       and for any number of lines where it has a line to itself

A page that is about a daemon started in a special way begins with a comment that names its options:
<!-- chronusd --bind 0.0.0.0 -->

The port 5005 is read as that of the daemon, so that tests do not meet on it.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import rig
from compat import packages

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.M | re.S)
OPTIONS = re.compile(r"^<!-- chronusd (.*) -->$", re.M)
RUNNERS = {"sh": ["bash", "-euo", "pipefail"], "python": [sys.executable, "-B"], "js": ["node"]}


class Block:
    def __init__(self, page, found):
        self.kind, words, self.text = found.groups()
        self.words = words.split()
        self.line = page[:found.start()].count("\n") + 2
        self.output = None

    @property
    def runs(self):
        needs = [word.removeprefix("needs=") for word in self.words if word.startswith("needs=")]
        return (self.kind in RUNNERS and "no-test" not in self.words
                and all(shutil.which(name) for name in needs))


def blocks_of(page):
    """The blocks of a page that are run, each with the output that follows it."""
    blocks = []
    for found in BLOCK.finditer(page):
        block = Block(page, found)
        if block.kind == "output" and blocks:
            blocks[-1].output = block.text
        else:
            blocks.append(block)
    return [block for block in blocks if block.runs]


def matches(wanted, got):
    lines = []
    for line in wanted.strip("\n").split("\n"):
        if line.strip() == "…":
            lines.append(r"(?:.*\n)*?")
        else:
            lines.append(".*?".join(map(re.escape, line.rstrip().split("…"))) + r" *\n")
    return re.fullmatch("".join(lines), got.strip("\n") + "\n") is not None


class Reader:
    """Somebody who follows a page, in a home folder of their own."""

    def __init__(self, home, options=()):
        self.home = home
        self.daemon = rig.Daemon(*options, state=os.path.join(home, ".local/state/chronus"))
        self.env = dict(self.daemon.env, HOME=home,
                        PATH=os.path.abspath(rig.BUILD) + os.pathsep + os.environ["PATH"])

    def run(self, block):
        text = re.sub(r"\b5005\b", str(self.daemon.port), block.text)
        with tempfile.NamedTemporaryFile("w", suffix="." + block.kind) as script:
            script.write(text)
            script.flush()
            node = {"NODE_PATH": packages.node_path()} if block.kind == "js" else {}
            done = subprocess.run([*RUNNERS[block.kind], script.name], cwd=self.home,
                                  env=self.env | node, text=True, timeout=120, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout.replace(str(self.daemon.port), "5005")


class Documents(unittest.TestCase):
    def follow(self, page):
        home = tempfile.mkdtemp(prefix="chronus-docs-")
        self.addCleanup(shutil.rmtree, home, ignore_errors=True)
        os.makedirs(os.path.join(home, ".local/state"))
        options = OPTIONS.search(page.read_text())
        reader = Reader(home, options.group(1).split() if options else ())
        self.addCleanup(reader.daemon.__exit__)
        for block in blocks_of(page.read_text()):
            code, got = reader.run(block)
            where = f"{page.relative_to(ROOT)}:{block.line}\n{block.text}"
            self.assertEqual(code != 0, "fails" in block.words, f"{where}ended with {code}:\n{got}")
            if block.output is not None:
                self.assertTrue(matches(block.output, got),
                                f"{where}--- should print:\n{block.output}--- prints:\n{got}")


def add_test(page):
    name = re.sub(r"\W", "_", str(page.relative_to(ROOT).with_suffix("")))
    setattr(Documents, f"test_{name}", lambda self: self.follow(page))


for runnable in PAGES:
    if blocks_of(runnable.read_text()):
        add_test(runnable)


class Matching(unittest.TestCase):
    def test_an_ellipsis_stands_for_text_and_alone_for_lines(self):
        self.assertTrue(matches("a … c\n", "a b c\n"))
        self.assertTrue(matches("a\n…\nd\n", "a\nb\nc\nd\n"))
        self.assertTrue(matches("a\n…\n", "a\n"))
        self.assertFalse(matches("a … c\n", "a\nb c\n"))
        self.assertFalse(matches("a\n", "a\nb\n"))


class Checks(unittest.TestCase):
    """scripts/check_docs.py passes on the tree and bites on what is planted in a copy."""

    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="chronus-docs-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        for part in ("docs", "man", "completions", "osc", "engine/model", "patterns/text",
                     "README.md", "LICENSE"):
            from_, to = ROOT / part, self.root / part
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(from_, to) if from_.is_dir() else shutil.copy(from_, to)

    def check(self):
        done = subprocess.run([ROOT / "scripts/check_docs.py", rig.BUILD, "--root", self.root],
                              capture_output=True, text=True)
        return done.returncode, done.stdout

    def bites(self, says):
        code, out = self.check()
        self.assertEqual(code, 1, out)
        self.assertIn(says, out)

    def plant(self, file, old, new):
        text = (self.root / file).read_text()
        self.assertIn(old, text)
        (self.root / file).write_text(text.replace(old, new, 1))

    def test_a_sound_copy_passes(self):
        self.assertEqual(self.check(), (0, "check_docs: documents and tables agree\n"))

    def test_an_edited_reference_is_told(self):
        self.plant("docs/reference.md", "0.05..0.95", "0..1")
        self.bites("docs/reference.md: not what the tables say")

    def test_a_missing_and_a_left_over_picture_are_told(self):
        (self.root / "docs/pictures/hits.svg").rename(self.root / "docs/pictures/old.svg")
        self.bites("docs/pictures/hits.svg: missing")
        self.bites("docs/pictures/old.svg: nothing makes it")

    def test_links_to_nowhere_are_told(self):
        with open(self.root / "docs/tutorial.md", "a") as page:
            page.write("\n[a](no-such.md) [b](reference.md#no-such)\n")
        self.bites("docs/tutorial.md: no-such.md leads nowhere")
        self.bites("docs/tutorial.md: reference.md#no-such names no heading")

    def test_a_command_the_reference_lacks_is_told(self):
        self.plant("osc/verbs_engine.cpp", 'Verb{"/status"', 'Verb{"/stats"')
        self.bites("does not name /stats of osc/verbs_*.cpp")


if __name__ == "__main__":
    unittest.main()
