"""Setlists: built, performed, taken along; and what is damaged is told and kept."""

import json
import os
import random
import shutil
import tempfile
import time
import unittest

import numpy as np

import rig
from rig import Daemon, Refused

BAR = rig.RATE * 60 * 4 // 240  # frames at 240 BPM


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def hit(daemon, pattern, slot):
    """A short kick by itself, kept in a slot."""
    daemon.ask("/seq/clear")
    daemon.send("/seq/bpm", 240.0)
    rig.kick(daemon, pattern)
    daemon.ask("/pattern/save", slot)


class Setlists(unittest.TestCase):
    def setUp(self):
        self.state = tempfile.mkdtemp(prefix="chronus-e2e-")
        self.addCleanup(shutil.rmtree, self.state, ignore_errors=True)
        self.daemon = self.started()

    def started(self):
        daemon = Daemon(state=self.state)
        daemon.send("/client/replies", 2)
        self.addCleanup(daemon.__exit__)
        return daemon

    def ask(self, *args):
        return self.daemon.ask(*args)

    def refused(self, *args):
        with self.assertRaises(Refused) as caught:
            self.ask(*args)
        return caught.exception

    def songs(self, name="gig"):
        return json.loads(self.ask("/setlist/show", name).values[1])["songs"]

    def file(self, name="gig"):
        return os.path.join(self.state, "setlists", name + ".json")

    def make_gig(self):
        hit(self.daemon, "X...............", 1)
        hit(self.daemon, "X.......x.......", 2)
        self.ask("/setlist/new", "gig")
        for song, slot in (("a", 1), ("b", 2)):
            self.ask("/setlist/add", "gig", song, slot)
            self.ask("/setlist/part", "gig", song, 0, 2)
        self.ask("/setlist/after", "gig", "a", "next")
        self.ask("/setlist/after", "gig", "b", "stop")

    def test_a_set_outlives_its_slots_and_the_daemon(self):
        self.make_gig()
        for slot in (1, 2):
            self.ask("/pattern/delete", slot)
        self.assertEqual(self.daemon.stop(), 0)
        self.daemon = self.started()
        self.assertEqual([song["name"] for song in self.songs()], ["a", "b"])
        self.assertEqual(os.stat(self.file()).st_mode & 0o077, 0, "for its owner alone")
        self.ask("/setlist/open", "gig")
        self.ask("/setlist/switch", "b")
        self.assertEqual([track["name"] for track in self.daemon.tracks()], ["kick"])

    def test_songs_follow_each_other_on_the_line_and_a_marker_stops(self):
        self.make_gig()
        self.ask("/setlist/open", "gig")
        self.ask("/setlist/switch", "a")
        take = self.ask("/engine/record/start", "take.wav").values[0]
        self.ask("/seq/start")
        end = time.monotonic() + 20
        while self.daemon.status()["running"] and time.monotonic() < end:
            time.sleep(0.05)
        self.assertFalse(self.daemon.status()["running"], "song b stops at its end")
        self.ask("/engine/record/stop")
        _, x = rig.read_wav(take)
        begins = rig.onsets(x[:, 0], quiet=2000)
        lines = [0, BAR, 2 * BAR, 2 * BAR + BAR // 2, 3 * BAR, 3 * BAR + BAR // 2]
        self.assertEqual(len(begins), len(lines))
        # Hits are of two levels, and pass the threshold a sample apart.
        self.assertLessEqual(np.max(np.abs(begins - begins[0] - np.array(lines))), 4)

    def test_its_position_is_pushed(self):
        self.make_gig()
        self.ask("/setlist/open", "gig")
        self.ask("/setlist/switch", "a")
        listener = rig.Client(self.daemon.port)
        listener.ask("/subscribe", "/setlist/position")
        self.ask("/seq/start")
        told, end = [], time.monotonic() + 15
        while time.monotonic() < end and (not told or told[-1][1:5] != [2, "b", 1, 2]):
            try:
                path, values = listener.next(1)
            except TimeoutError:
                continue
            if path == "/setlist/position":
                told.append(values)
        self.assertEqual([t[1:5] for t in told],
                         [[1, "a", 1, 1], [1, "a", 1, 2], [2, "b", 1, 1], [2, "b", 1, 2]])
        self.assertEqual(told[0], ["gig", 1, "a", 1, 1, 2, "b"])

    def test_one_file_goes_to_another_machine(self):
        self.make_gig()
        file = os.path.join(self.state, "out.json")
        self.ask("/setlist/export", "gig", file)
        with Daemon() as other:
            other.ctl("setlist", "import", file, "theirs")
            there = json.loads(other.ask("/setlist/show", "theirs").values[1])
            self.assertEqual(there["songs"], self.songs())
            other.ctl("setlist", "open", "theirs")
            other.ctl("setlist", "switch", "b")
            self.assertEqual([track["name"] for track in other.tracks()], ["kick"])

    def test_a_damaged_file_is_refused_by_line_and_nothing_is_taken(self):
        self.make_gig()
        text = read(self.file())
        file = os.path.join(self.state, "bad.json")
        dice = random.Random(1)
        for _ in range(30):
            at = dice.randrange(len(text) // 2)
            with open(file, "w", encoding="utf-8") as bad:
                bad.write(text[:at] + text[at + dice.randrange(1, len(text) // 2):])
            error = self.refused("/setlist/import", file, "bad")
            self.assertIn("line ", error.message)
            self.assertIn("bad.json", error.message)
        self.assertEqual(self.refused("/setlist/show", "bad").symbol, "NOT_FOUND")

    def test_a_damaged_set_is_shown_kept_and_restored_by_the_hint(self):
        self.make_gig()
        with open(self.file(), "w", encoding="utf-8") as harmed:
            harmed.write("{\"setlist_version\": 1,\n\"songs\": 7}")
        error = self.refused("/setlist/open", "gig")
        self.assertIn("line 2: songs is a number", error.message)
        listed = json.loads(self.ask("/setlist/list").values[1])
        self.assertEqual([(s["name"], s["state"]) for s in listed], [("gig", "damaged")])
        self.assertEqual(self.refused("/setlist/add", "gig", "c", 1).symbol, "CORRUPT")
        self.ask(*error.hint.split())
        self.assertEqual(len(self.songs()), 2)
        backups = os.path.join(self.state, "setlists", "backups")
        texts = [read(os.path.join(backups, name)) for name in os.listdir(backups)]
        self.assertTrue(any(t.endswith("7}") for t in texts), "the harmed bytes are kept")

    def test_a_killed_daemon_leaves_the_set_old_or_new(self):
        self.make_gig()
        for round_ in range(5):
            for n in range(30):
                self.daemon.send("/setlist/notes", "gig", "a", f"{round_} {n}")
            time.sleep(0.01 * round_)
            self.daemon.kill()
            self.daemon = self.started()
            notes = self.songs()[0]["notes"]
            self.assertTrue(notes == "" or notes.split()[0] in map(str, range(round_ + 1)), notes)
            left = [f for f in os.listdir(os.path.join(self.state, "setlists"))
                    if f.endswith(".tmp")]
            self.assertEqual(left, [])


if __name__ == "__main__":
    unittest.main()
