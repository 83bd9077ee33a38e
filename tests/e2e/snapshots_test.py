"""Snapshots: taken by themselves, named, compared, brought back, and there after a restart."""

import json
import os
import re
import stat
import tempfile
import time
import unittest

from rig import Daemon, Refused, kick


class Snapshots(unittest.TestCase):
    def setUp(self):
        self.state = tempfile.mkdtemp(prefix="chronus-snapshots-")
        self.daemon = self.started()
        self.ask = self.daemon.ask

    def started(self):
        daemon = Daemon(state=self.state)
        self.addCleanup(daemon.__exit__)
        return daemon

    def json(self, *words):
        return json.loads(self.daemon.ctl("--json", *words).stdout)

    def log(self, *words):
        return self.json("log", *words)

    def refused(self, *args):
        with self.assertRaises(Refused) as caught:
            self.ask(*args)
        return caught.exception

    def bpm(self):
        return self.daemon.status()["bpm"]

    def wait_for(self, what, seconds=10):
        end = time.monotonic() + seconds
        while not what() and time.monotonic() < end:
            time.sleep(0.05)
        self.assertTrue(what())

    def test_start_save_load_and_stop_are_taken(self):
        kick(self.daemon)
        self.ask("/seq/start")
        self.ask("/pattern/save", 3)
        self.ask("/seq/bpm", 90.0)
        self.ask("/pattern/load", 3, "immediate")
        self.ask("/seq/bpm", 100.0)
        self.wait_for(lambda: len(self.log()) >= 4)
        self.ask("/seq/stop")
        self.wait_for(lambda: self.log()[0]["note"] == "the sequencer stops")
        self.assertEqual([each["note"] for each in self.log()][::-1],
                         ["the sequencer starts", "saved to slot 3", "before another pattern",
                          "slot 3 loaded", "the sequencer stops"])
        self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.state, "history.db")).st_mode),
                         0o600)
        text = json.dumps(self.log())
        self.assertNotIn("127.0.0.1", text)

    def test_what_is_heard_for_a_bar_can_be_brought_back(self):
        kick(self.daemon)
        self.ask("/seq/start")
        for level in (0.5, 0.6, 0.7):
            self.daemon.send("/mod/master/level", level)
            self.ask("/wait", "bar+1", timeout=5)
            self.ask("/wait", "beat+2", timeout=5)
        self.assertGreater(len([each for each in self.log() if each["note"].startswith("bar ")]), 1)
        self.ask("/snapshot/restore", "bar:-2", "now")
        self.wait_for(lambda: self.ask("/mod/master/level")[0] < 0.69)
        self.wait_for(lambda: len(self.log()[0]["parents"]) == 2)
        self.assertRegex(self.log()[0]["note"], "brought back [0-9a-f]{8}")

    def test_restore_plays_what_was_and_loses_nothing(self):
        self.ask("/seq/bpm", 111.0)
        first = self.ask("/snapshot/take", "first").values[0]
        self.ask("/seq/bpm", 122.0)
        second = self.ask("/snapshot/take", "second").values[0]
        self.ask("/snapshot/restore", first)
        self.assertEqual(self.bpm(), 111)
        self.wait_for(lambda: self.log()[0]["parents"] == [second, first])
        self.ask("/snapshot/restore", "HEAD~1")
        self.assertEqual(self.bpm(), 122)
        self.ask("/undo")
        self.assertEqual(self.bpm(), 111)

    def test_restore_waits_for_the_line_it_is_told(self):
        kick(self.daemon)
        self.ask("/seq/bpm", 240.0)
        self.ask("/snapshot/take", "fast")
        self.ask("/seq/bpm", 120.0)
        self.ask("/seq/start")
        self.ask("/snapshot/restore", "HEAD~1", "bar:2")
        self.assertEqual(self.bpm(), 120)
        self.assertIn("/snapshot/restore", self.ask("/next").values[-1])
        self.ask("/wait", "bar:2", timeout=5)
        self.wait_for(lambda: self.bpm() == 240, 1)

    def test_a_bundle_with_a_restore_acts_whole_or_not_at_all(self):
        self.ask("/seq/bpm", 111.0)
        self.ask("/snapshot/take")
        self.ask("/seq/bpm", 122.0)
        self.daemon.client.bundle(("/seq/swing", 0.3), ("/snapshot/restore", "nowhere"))
        for _ in range(2):
            path, values = self.daemon.client.next()
            self.assertEqual(path, "/error")
            self.assertIn(values[0], ("/snapshot/restore", "/seq/swing"))
        self.assertEqual(self.ask("/seq/swing").values[0], 0)
        self.daemon.client.bundle(("/snapshot/restore", "HEAD"), ("/seq/swing", 0.3))
        self.wait_for(lambda: self.bpm() == 111)
        self.assertAlmostEqual(self.ask("/seq/swing").values[0], 0.3, places=5)

    def test_all_of_it_is_there_after_a_restart(self):
        kick(self.daemon)
        taken = self.ask("/snapshot/take", "kept").values[0]
        self.ask("/snapshot/tag", "good")
        self.ask("/snapshot/annotate", "bug", "too loud", "track kick")
        self.assertEqual(self.daemon.stop(), 0)
        self.daemon = self.started()
        self.ask = self.daemon.ask
        shown = self.json("snapshot", "show", "good")
        self.assertEqual(shown["hash"], taken)
        self.assertEqual(shown["annotations"][0]["text"], "too loud")
        self.assertEqual(shown["nodes"]["track kick"]["voice"], "voice1")
        self.assertIn("track kick > voice1", shown["connections"])
        self.ask("/snapshot/restore", taken[:8])
        self.assertEqual([track["name"] for track in self.daemon.tracks()], ["kick"])

    def test_diff_shows_both_sides_and_says_the_same_as_json(self):
        kick(self.daemon)
        self.ask("/snapshot/take", "a")
        self.ask("/seq/update/pattern", "kick", "X...x...X..x")
        self.daemon.send("/mod/reverb1/mix", 0.5)
        self.ask("/seq/bpm", 130.0)
        self.ask("/snapshot/take", "b")
        told = self.json("diff", "HEAD~1", "HEAD")
        self.assertEqual([each["node"] for each in told["nodes"]["modified"]],
                         ["reverb1", "track kick"])
        self.assertEqual(told["settings"], [{"what": "bpm", "from": 120, "to": 130}])
        text = self.daemon.ctl("diff", "HEAD~1", "HEAD").stdout
        self.assertRegex(text, r"(?m)^    mix +0\.3 +0\.5$")
        self.assertRegex(text, r"(?m)X\.\.\.x\.\.\.X\.\.x")
        self.assertNotIn("\033", text)
        self.assertEqual(self.json("diff", "HEAD")["nodes"]["modified"], [])
        self.assertIn("are equal", self.daemon.ctl("diff", "HEAD").stdout)

    def test_log_draws_branches(self):
        for note, bpm in (("a", 100.0), ("b", 101.0)):
            self.ask("/seq/bpm", bpm)
            self.ask("/snapshot/take", note)
        self.ask("/snapshot/branch", "idea", "HEAD~1")
        self.ask("/seq/bpm", 102.0)
        self.ask("/snapshot/take", "c")
        drawn = self.daemon.ctl("log", "--graph").stdout.splitlines()
        self.assertEqual([re.sub(r"[0-9a-f]{8} .*Z  ", "", line) for line in drawn],
                         ["* c  (HEAD, idea)", "| * b  (main)", "|/", "* a"])
        self.assertEqual([each["note"] for each in self.log()], ["c", "a"])
        self.assertEqual([each["note"] for each in self.log("main")], ["b", "a"])

    def test_slots_are_names_too(self):
        kick(self.daemon)
        self.ask("/pattern/save", 5)
        self.wait_for(lambda: self.log()[:1])
        self.assertEqual(self.json("snapshot", "show", "slot:5")["note"], "saved to slot 5")
        self.assertEqual(self.refused("/snapshot/show", "slot:6").symbol, "NOT_FOUND")

    def test_blame_names_who_first_had_a_step(self):
        kick(self.daemon)
        self.ask("/seq/update/pattern", "kick", "X...")
        first = self.ask("/snapshot/take", "first").values[0]
        self.ask("/seq/update/pattern", "kick", "X.x.")
        second = self.ask("/snapshot/take", "second").values[0]
        self.assertEqual([each["hash"] for each in self.json("snapshot", "blame", "kick")],
                         [first, first, second, first])

    def test_without_a_disk_the_music_and_the_control_go_on(self):
        self.assertEqual(self.daemon.stop(), 0)
        file = os.path.join(self.state, "history.db")
        if os.path.exists(file):
            os.remove(file)
        os.mkdir(file)  # nothing can be written there
        self.daemon = self.started()
        self.ask = self.daemon.ask
        kick(self.daemon)
        self.ask("/seq/start")
        self.ask("/seq/bpm", 140.0)
        self.assertEqual(self.bpm(), 140)
        self.refused("/snapshot/take")
        self.ask("/seq/stop")
        self.assertEqual(self.daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
