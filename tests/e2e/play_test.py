"""scripts/play: what a newcomer types first."""

import os
import subprocess
import tempfile
import unittest

import numpy as np

import rig

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def play(*args):
    return subprocess.run([os.path.join(ROOT, "scripts", "play"), *args], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=280)


def daemons():
    found = subprocess.run(["pgrep", "-f", "chronusd --device null --port 0 --viz-port 5006"],
                           text=True, stdout=subprocess.PIPE)
    return set(found.stdout.split())


class Play(unittest.TestCase):
    def test_it_plays_saves_swaps_records_and_leaves_nothing_behind(self):
        before = daemons()
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "demo.wav")
            done = play("--bars", "8", "--out", out, "--device", "null")
            self.assertEqual(done.returncode, 0, done.stdout)
            rate, sound = rig.read_wav(out)
        for word in ("bar  1", "saved to slot 1", "the saved pattern is back", "the end", out):
            self.assertIn(word, done.stdout)
        self.assertEqual(daemons(), before)

        mix = sound.mean(axis=1)
        first = np.flatnonzero(np.abs(mix) > 1e-3)[0]
        bar = 60 / 128 * 4 * rate
        self.assertGreater(len(mix) - first, 8 * bar)
        loud = [np.sqrt(np.mean(mix[int(first + n * bar):int(first + (n + 1) * bar)] ** 2))
                for n in range(8)]
        self.assertGreater(min(loud), 0.01)  # music in every bar
        self.assertLess(np.abs(sound).max(), 0.9)  # below the ceiling of -1 dB

    def test_a_demo_is_a_short_flac_with_sound_in_every_bar(self):
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "duck.flac")
            done = play("--demo", "duck", "--bars", "2", "--out", out, "--device", "null")
            self.assertEqual(done.returncode, 0, done.stdout)
            wav = os.path.join(folder, "duck.wav")
            subprocess.run(["flac", "-dsf", out, "-o", wav], check=True)
            rate, sound = rig.read_wav(wav)
        bar = 60 / 124 * 4 * rate
        first = np.flatnonzero(np.abs(sound[:, 0]) > 1e-3)[0]
        for n in range(2):
            part = sound[int(first + n * bar):int(first + (n + 1) * bar)]
            self.assertGreater(np.sqrt(np.mean(part ** 2)), 0.01)

    def test_wrong_options_are_told(self):
        for args, word in ((("--demo", "x"), "wobble"), (("--bars", "x"), "--bars"),
                           (("--loud",), "--loud"),
                           (("--bars", "2"), "at least 8")):
            done = play(*args)
            self.assertEqual(done.returncode, 64)
            self.assertIn(word, done.stdout)

    def test_a_step_that_fails_ends_it(self):
        before = daemons()
        done = play("--bars", "8", "--out", "/dev/null/demo.wav", "--device", "null")
        self.assertNotIn(done.returncode, (0, 64), done.stdout)
        self.assertEqual(daemons(), before)


if __name__ == "__main__":
    unittest.main()
