"""Offline renders against what a real daemon plays, and from the shell without any daemon."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest

from rig import CHRONUSCTL, Daemon, read_wav


def render(*words, code=0):
    done = subprocess.run([CHRONUSCTL, "render", *map(str, words)], capture_output=True, text=True,
                          timeout=120, check=False)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done


class Renders(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.out = os.path.join(self.folder, "out")
        with Daemon() as d:
            self.play(d)
            d.ask("/pattern/save", 1, "take")
            d.ask("/seq/stop")
            self.slot = os.path.join(self.folder, "take.json")
            shutil.copy(d.slot_file(1), self.slot)

    def play(self, d):
        d.ask("/seq/bpm", 150.0)
        d.ask("/seq/add", "kick", "voice1", "X...X...X...X.x.", 55.0)
        d.ask("/seq/add", "hats", "voice3", "..x?50..x.", 4000.0, "delay_send=0.4", "pan=0.3")
        d.send("/mod/voice3/osc/type", 1)

    def test_what_is_rendered_is_what_a_daemon_plays(self):
        take = os.path.join(self.folder, "live.wav")
        with Daemon("--record", take) as d:
            shutil.copy(self.slot, d.slot_file(1))
            d.ask("/pattern/load", 1)
            d.ask("/seq/start")
            d.ask("/wait", "bar:3", timeout=20)
        render(self.slot, "--bars", 2, "--outputs", "wav32f", "--out", self.out)
        live, offline = read_wav(take)[1], read_wav(os.path.join(self.out, "take.wav"))[1]
        bars = 2 * 16 * 4800  # frames at 150 BPM
        begin, first = live.any(axis=1).argmax(), offline.any(axis=1).argmax()
        count = bars - first - 100  # the delay of the engine lies before it
        off = abs(live[begin:begin + count] - offline[first:first + count]).max()
        self.assertLess(off, 1e-6)  # it began on another frame of the grid of 32, and rounds so
        self.assertGreater(abs(offline).max(), 0.05)

    def test_a_render_tells_what_it_made_as_text_and_as_json(self):
        told = render(self.slot, "--bars", 2, "--outputs", "wav24,stems,midi,plot", "--out", self.out)
        self.assertIn("take.24.wav", told.stdout)
        self.assertIn("LUFS", told.stdout)
        told = render(self.slot, "--bars", 2, "--outputs", "flac,plot", "--out", self.out, "--json")
        report = json.loads(told.stdout)
        self.assertEqual([o["output_config_index"] for o in report["outputs"]], [1, 2])
        for output in report["outputs"]:
            for file in output["files"]:
                path = os.path.join(self.out, file["file"])
                self.assertEqual(os.path.getsize(path), file["bytes"])
        self.assertEqual(sorted(os.listdir(self.out)),
                         ["take.01-kick.wav", "take.02-hats.wav", "take.24.wav", "take.flac",
                          "take.mid", "take.svg"])

    def test_wrong_words_are_answered_with_right_ones(self):
        cases = [
            (["missing.json"], "no such file"),
            ([self.slot, "--outputs", "wav25"], "wav24"),
            ([self.slot, "--bars", "0"], "1..100000"),
            ([self.slot, "--bars", "1.5"], "1..100000"),
            ([self.slot, "--rate", "44"], "8000..192000"),
            ([self.slot, "--tail", "-1"], "0..600"),
            ([self.slot, "--out", self.slot], "--out"),
        ]
        for words, expected in cases:
            with self.subTest(words=words):
                told = render(*words, code=1)
                self.assertIn(expected, told.stderr)
        damaged = os.path.join(self.folder, "damaged.json")
        with open(damaged, "w", encoding="utf-8") as file:
            file.write('{"sequencer": ')
        self.assertIn("line", render(damaged, code=1).stderr)
        self.assertFalse(os.path.exists(self.out))

    def test_a_silent_pattern_is_not_kept(self):
        with Daemon() as d:
            d.ask("/pattern/save", 2, "nothing")
            told = render(d.slot_file(2), "--out", self.out, code=1)
        self.assertIn("nothing is heard", told.stdout)
        self.assertEqual(os.listdir(self.out), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
