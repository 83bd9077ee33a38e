"""Ducks, mutes, solos and envelopes, asked for over OSC and heard in a recording."""

import time
import unittest

import numpy as np

from rig import Daemon, Refused, read_wav


class Ducks(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.__exit__)
        for path, value in (("voice3/freq", 3000.0), ("voice3/filter/freq", 20000.0),
                            ("voice3/adsr/sustain", 1.0), ("voice3/adsr/decay", 0.0)):
            self.daemon.send("/mod/" + path, value)
        self.daemon.send("/gate/voice3", 1)
        self.daemon.ask("/seq/add", "kick", "voice1", "X...", 50.0)
        self.daemon.send("/mod/voice1/mute", "on")

    def heard(self, seconds):
        """Level of the sine of 3 kHz over time, in hundredths of a second."""
        path = self.daemon.ask("/engine/record/start", "take.wav").values[0]
        time.sleep(seconds)
        self.daemon.ask("/engine/record/stop")
        x = read_wav(path)[1][:, 0]
        x = x[:len(x) // 480 * 480].reshape(-1, 480)
        return np.sqrt(2 * np.mean(x ** 2, axis=1))

    def test_a_kick_nobody_hears_pushes_the_others_down_twice_a_second(self):
        full = self.heard(0.5).max()
        for path, value in (("source", 1), ("depth", 0.9), ("hold", 0.1), ("release", 0.1)):
            self.daemon.send("/mod/duck1/" + path, value)
        self.daemon.ask("/seq/start")
        time.sleep(0.3)
        level = self.heard(2.6) / full
        self.assertAlmostEqual(level.min(), 0.1, delta=0.01)
        self.assertAlmostEqual(level.max(), 1, delta=0.02)
        down = np.flatnonzero((level[:-1] > 0.5) & (level[1:] <= 0.5))
        self.assertGreaterEqual(len(down), 5)
        np.testing.assert_allclose(np.diff(down), 50, atol=1)

    def test_an_envelope_lifts_another_voice_with_each_kick(self):
        for path, value in (("source", 1), ("target", "voice3/amp"), ("amount", 0.5),
                            ("decay", 0.2)):
            self.daemon.send("/mod/env1/" + path, value)
        self.daemon.ask("/seq/start")
        time.sleep(0.2)
        level = self.heard(1.5)
        self.assertAlmostEqual(level.min(), 0.3 * 2 ** -0.5, delta=0.02)
        self.assertGreater(level.max(), 0.65 * 2 ** -0.5)

    def test_solo_leaves_one_voice_and_undo_brings_the_others_back(self):
        self.assertGreater(self.heard(0.3).max(), 0.1)
        self.daemon.send("/mod/voice5/solo", 1)
        time.sleep(0.1)
        self.assertLess(self.heard(0.3).max(), 1e-4)
        self.daemon.ask("/undo")
        time.sleep(0.1)
        self.assertGreater(self.heard(0.3).max(), 0.1)

    def test_what_cannot_be_is_told_with_what_can(self):
        for address, value, symbol in (("/mod/duck1/target", "everything", "BAD_TYPE"),
                                       ("/mod/duck1/source", 65, "OUT_OF_RANGE"),
                                       ("/mod/duck1/source", -1, "OUT_OF_RANGE"),
                                       ("/mod/duck1/depth", "deep", "BAD_TYPE"),
                                       ("/mod/duck5/depth", 1, "UNKNOWN_ADDRESS"),
                                       ("/mod/env1/target", "voice1/osc/type", "BAD_TYPE"),
                                       ("/mod/env1/target", "voice1/fliter", "UNKNOWN_ADDRESS"),
                                       ("/mod/voice1/mute", 2, "OUT_OF_RANGE"),
                                       ("/mod/duck1/release", float("nan"), "OUT_OF_RANGE")):
            before = self.daemon.values()
            with self.assertRaises(Refused) as caught:
                self.daemon.ask(address, value)
            self.assertEqual(caught.exception.symbol, symbol, address)
            self.assertEqual(self.daemon.values(), before)
            words = caught.exception.hint.split()
            self.daemon.send("/client/replies", 2)
            self.daemon.ask(*words)
            self.daemon.send("/client/replies", 1)


if __name__ == "__main__":
    unittest.main()
