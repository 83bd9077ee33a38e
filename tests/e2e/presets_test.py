"""Presets: a sound in one word, in the sound itself, in files, and after a restart."""

import json
import os
import shlex
import stat
import tempfile
import time
import unittest

import numpy as np

from rig import RATE, Daemon, Refused, read_wav

OWN = ["kick", "snare", "clap", "closed_hat", "open_hat", "tom", "bass", "pluck", "pad", "lead"]


class Presets(unittest.TestCase):
    def setUp(self):
        self.state = tempfile.mkdtemp(prefix="chronus-presets-")
        self.folder = os.path.join(self.state, "presets")
        self.daemon = self.started()

    def started(self):
        daemon = Daemon(state=self.state)
        self.addCleanup(daemon.__exit__)
        return daemon

    def refused(self, *args):
        with self.assertRaises(Refused) as caught:
            self.daemon.ask(*args)
        return caught.exception

    def listed(self):
        return json.loads(self.daemon.ask("/preset/list").values[1])

    def put(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def centroid(self, preset):
        """Weight of the spectrum of one note of it, in Hz."""
        self.daemon.send("/mod/voice1/preset", preset)
        path = self.daemon.ask("/engine/record/start", f"{preset}.wav").values[0]
        self.daemon.send("/gate/voice1", 1)
        time.sleep(0.4)
        self.daemon.send("/gate/voice1", 0)
        time.sleep(0.2)
        self.daemon.ask("/engine/record/stop")
        x = read_wav(path)[1][:, 0]
        first = np.argmax(np.abs(x) > 1e-3)
        x = x[first:first + RATE // 3]
        power = np.abs(np.fft.rfft(x * np.hanning(len(x)))) ** 2
        return np.sum(power * np.fft.rfftfreq(len(x), 1 / RATE)) / np.sum(power)

    def test_they_sound_like_their_names(self):
        kick, hat = self.centroid("kick"), self.centroid("closed_hat")
        self.assertLess(kick, 200)
        self.assertGreater(hat, 8000)

    def test_a_list_has_chronuss_own_and_those_that_are_kept(self):
        self.assertEqual([p["name"] for p in self.listed()], OWN)
        self.daemon.ask("/preset/save", "mine", "voice3")
        self.assertEqual(self.listed()[-1], {"name": "mine", "of": "player", "about": ""})

    def test_what_is_kept_outlives_the_daemon_and_is_for_its_owner_alone(self):
        self.daemon.send("/mod/voice2/preset", "pluck")
        self.daemon.send("/mod/voice2/filter/freq", 4321.0)
        self.daemon.ask("/preset/save", "harp", "voice2")
        path = os.path.join(self.folder, "harp.json")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode) & 0o077, 0)
        self.assertEqual(os.listdir(self.folder), ["harp.json"])
        with open(path, encoding="utf-8") as file:
            tree = json.load(file)
        self.assertEqual(tree["name"], "harp")
        self.assertEqual(tree["voice"]["filter_freq"], 4321)
        before = self.daemon.values()
        self.daemon.stop()
        self.daemon = self.started()
        self.daemon.send("/mod/voice7/preset", "harp")
        after = self.daemon.values()
        for address, value in after.items():
            part = address.removeprefix("/mod/voice7/")
            if part in ("amp", "pan", "send/reverb", "send/delay") or part == address:
                continue
            self.assertEqual(value, before["/mod/voice2/" + part], part)
        self.assertEqual(self.daemon.ask("/mod/voice7/preset"), ["harp"])

    def test_a_broken_file_changes_nothing_and_is_told(self):
        self.daemon.ask("/preset/save", "mine", "voice1")
        before = self.daemon.values()
        for text, symbol in (("", "CORRUPT"), ('{"voice": {"adsr": 3}}', "CORRUPT"),
                             ('{"voice": {"waveform": "saw", "filter_q": "high"}}', "CORRUPT"),
                             ('{"preset_version": 9, "voice": {}}', "TOO_NEW"),
                             ("[" * 5000, "CORRUPT"), (" " * 70000, "TOO_BIG")):
            self.put("mine.json", text)
            fault = self.refused("/mod/voice1/preset", "mine")
            self.assertEqual(fault.symbol, symbol, text[:40])
            self.assertIn("mine", fault.message)
            self.assertEqual(self.daemon.values(), before)
            words = shlex.split(fault.hint)
            self.daemon.send(*words)
            self.daemon.ask("/undo")
        os.remove(os.path.join(self.folder, "mine.json"))
        os.symlink("/etc/passwd", os.path.join(self.folder, "mine.json"))
        self.refused("/mod/voice1/preset", "mine")
        self.assertEqual(self.daemon.values(), before)

    def test_a_file_written_by_hand_is_bent_to_fit(self):
        self.put("hand.json", '{"voice": {"waveform": "saw", "adsr": {"attack": 77}, "x": 1}}')
        self.daemon.send("/client/replies", 2)
        reply = self.daemon.ask("/mod/voice1/preset", "hand")
        self.assertEqual(reply.values[0], "hand")
        self.assertEqual(len(reply.values), 3)
        self.assertEqual(self.daemon.ask("/mod/voice1/adsr/attack"), [2.0])

    def test_hints_work_when_they_are_sent(self):
        for args in (("/mod/voice1/preset", "clp"), ("/preset/save", "kick", "voice1"),
                     ("/preset/save", "a b/c", "voice1"), ("/preset/save", "x", "voice99"),
                     ("/preset/save", "x"), ("/preset/delete", "none"), ("/preset/delete",),
                     ("/mod/voice99/preset", "kick"), ("/preset/lst",)):
            fault = self.refused(*args)
            words = shlex.split(fault.hint)
            self.assertTrue(words, fault.message)
            if words[0].startswith("/mod"):
                self.daemon.send("/client/replies", 2)
            self.daemon.ask(*words)

    def test_chronusctl_keeps_lists_and_offers_them(self):
        self.daemon.ctl("set", "voice1", "preset", "open hat")
        self.daemon.ctl("preset", "save", "wide", "voice1")
        self.assertIn("wide", self.daemon.ctl("preset", "list").stdout)
        self.assertEqual(self.daemon.ctl("get", "voice1", "preset").stdout, "open_hat\n")
        self.assertIn("preset", self.daemon.ctl("describe", "/mod/voice1").stdout)
        self.daemon.ctl("preset", "delete", "wide")
        self.assertNotIn("wide", self.daemon.ctl("preset", "list").stdout)


if __name__ == "__main__":
    unittest.main()
