"""What was performed: listed, shown, found, counted, kept and packed; by a real daemon."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest
import zipfile

import network_test
from rig import CHRONUSCTL, Daemon, Refused, kick


class History(unittest.TestCase):
    def setUp(self):
        self.state = tempfile.mkdtemp(prefix="chronus-history-")
        self.addCleanup(shutil.rmtree, self.state, ignore_errors=True)
        self.daemon = self.started()

    def started(self, *args):
        daemon = Daemon(*args, state=self.state)
        self.addCleanup(daemon.__exit__)
        self.ask = daemon.ask
        return daemon

    def again(self, *args):
        self.assertEqual(self.daemon.stop(), 0)
        self.daemon = self.started(*args)

    def json(self, *words):
        return json.loads(self.daemon.ctl("--json", "history", *words).stdout)

    def lines(self, *words):
        return self.daemon.ctl("history", *words).stdout.splitlines()

    def wait_for(self, what, seconds=10):
        end = time.monotonic() + seconds
        while not what() and time.monotonic() < end:
            time.sleep(0.05)
        self.assertTrue(what())

    def refused(self, *args):
        with self.assertRaises(Refused) as caught:
            self.ask(*args)
        return caught.exception

    def play(self, bpm=120.0):
        """A performance of a moment; its id."""
        kick(self.daemon)
        self.ask("/seq/start")
        self.ask("/seq/bpm", bpm)
        self.daemon.send("/mod/voice1/amp", 0.4)
        self.ask("/wait", "beat+1", timeout=5)
        self.ask("/seq/stop")
        self.wait_for(lambda: self.json("list") and self.json("list")[0]["status"] != "running")
        return self.json("list")[0]["id"]

    def packed(self, *words):
        """What is in an export: {path: bytes}, and its manifest."""
        out = os.path.join(self.state, "out.zip")
        self.daemon.ctl("history", "export", *words, "--out", out)
        with zipfile.ZipFile(out) as archive:
            self.assertIsNone(archive.testzip())
            files = {name: archive.read(name) for name in archive.namelist()}
        return files, json.loads(files["manifest.json"])


class Asked(History):
    """What needs no performance."""

    def test_before_anything_was_performed_everything_is_answered(self):
        self.assertEqual(self.json("list"), [])
        self.assertEqual(self.lines("list"), ["0 executions"])
        self.assertEqual(self.json("find", "text=kick")["items"], [])
        self.assertEqual(self.json("stats")["outputs"], 0)
        self.assertEqual(self.refused("/history/show", 1).symbol, "NOT_FOUND")
        self.assertEqual(self.refused("/history/export", 1).symbol, "NOT_FOUND")

    def test_what_cannot_be_is_refused_with_a_line_that_works(self):
        for words in (("list", "slots=1"), ("list", "since=yesterday"), ("find", "type=audio"),
                      ("list", "kind=opera"), ("show", "99"), ("find", "before=7"),
                      ("export", "song=nobody"), ("export", "1", "../../tmp/x")):
            done = self.daemon.ctl("history", *words, check=False)
            self.assertEqual(done.returncode, 1, words)
            said, hint = done.stderr.splitlines()
            self.assertTrue(said.startswith("chronusctl: "), said)
            again = subprocess.run(hint.removeprefix("try: ").replace("chronusctl", CHRONUSCTL, 1),
                                   shell=True, env=self.daemon.env, capture_output=True, check=False)
            self.assertEqual(again.returncode, 0, hint)

    def test_without_a_history_it_says_so_and_the_music_goes_on(self):
        self.assertEqual(self.daemon.stop(), 0)
        for name in os.listdir(self.state):
            if name.startswith("history.db"):
                os.remove(os.path.join(self.state, name))
        os.mkdir(os.path.join(self.state, "history.db"))  # nothing can be written there
        self.daemon = self.started()
        for question in (("/history/list",), ("/history/show", 1), ("/history/stats",),
                         ("/history/pin", 1), ("/history/export", 1)):
            self.refused(*question)
        kick(self.daemon)
        self.ask("/seq/start")
        self.assertTrue(self.daemon.status()["running"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
