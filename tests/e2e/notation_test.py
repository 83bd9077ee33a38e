"""The notation, sentence by sentence: written, played by the daemon, and heard in a recording."""

import subprocess
import time
import unittest

import numpy as np

from ears import loud_spans, peak, pitch
from rig import CHRONUSCTL, Daemon, Refused, onsets, read_wav

STEP = 2400  # frames of a sixteenth at 300 BPM
NEAR = 8     # frames within which a soft onset and a loud one pass the same threshold

PLUCK = {"attack": 0.001, "decay": 0.004, "sustain": 0.0, "release": 0.01}
ORGAN = {"attack": 0.001, "decay": 0.0, "sustain": 1.0, "release": 0.01}


class Played(unittest.TestCase):
    """What is written plays on the left; a ruler on the right strikes every step."""

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.addClassCleanup(cls.daemon.__exit__)
        cls.daemon.ask("/seq/bpm", 300.0)

    def voices(self, envelope):
        for voice in range(1, 9):
            for key, value in (PLUCK if voice == 8 else envelope).items():
                self.daemon.send(f"/mod/voice{voice}/adsr/{key}", value)
            self.daemon.send(f"/mod/voice{voice}/filter/freq", 12000.0)

    def write(self, *tracks, envelope=PLUCK):
        """Tracks of a pattern and key=value words."""
        self.daemon.ask("/seq/clear")
        self.voices(envelope)
        self.daemon.ask("/seq/add", "ruler", "voice8", "x", 4000.0, "pan=1")
        for number, (pattern, *keys) in enumerate(tracks, start=1):
            self.daemon.ask("/seq/add", f"t{number}", f"voice{2 * number - 1}", pattern,
                            "base_freq=2000", "accent_boost=0", "pan=-1", *keys)

    def play(self, steps, meanwhile=lambda: None):
        """The sound from step 0 on: left and right."""
        self.daemon.ask("/engine/record/start", "take.wav")
        self.daemon.ask("/seq/start")
        meanwhile()
        self.daemon.ask("/wait", f"step:{steps + 2}", timeout=20)
        self.daemon.ask("/seq/stop")
        _, sound = read_wav(self.daemon.ask("/engine/record/stop").values[0])
        self.daemon.ask("/panic")
        time.sleep(0.03)  # nothing rings into the next, and its fade is over
        ruler = onsets(sound[:, 1], quiet=STEP // 2)
        start = int(np.median(ruler - STEP * np.arange(len(ruler))))
        return sound[start:start + steps * STEP].T

    def struck(self, *tracks, steps, meanwhile=lambda: None):
        """Where the hits are, in steps."""
        self.write(*tracks)
        left, _ = self.play(steps, meanwhile)
        return onsets(left, quiet=150) / STEP

    def assert_struck(self, wanted, *tracks, steps=16, **kw):
        got = self.struck(*tracks, steps=steps, **kw)
        self.assertEqual(len(got), len(wanted), got)
        np.testing.assert_allclose(got, wanted, atol=NEAR / STEP)


class Signs(Played):
    def test_accent_normal_ghost_and_rest_are_as_loud_as_they_say(self):
        self.write(("X. x. | o. -. x ...",))
        left, _ = self.play(12)
        np.testing.assert_allclose(onsets(left, quiet=150) / STEP, [0, 2, 4, 8], atol=NEAR / STEP)
        loud = [peak(left[n * STEP:(n + 1) * STEP]) for n in (0, 2, 4, 8)]
        np.testing.assert_allclose(np.array(loud) / loud[0], [1, 0.6, 0.35, 0.6], rtol=0.02)

    def test_a_tie_holds_the_note_through_its_step(self):
        self.write(("x___x_..x.......",), envelope=ORGAN)
        left, _ = self.play(16)
        spans = np.array(loud_spans(left, 0.02, 100)) / STEP
        np.testing.assert_allclose(spans[:, 0], [0, 4, 8], atol=0.02)
        np.testing.assert_allclose(np.diff(spans)[:, 0], [3.5, 1.5, 0.5], atol=0.2)

    def test_a_slide_strikes_no_new_attack_and_gets_to_the_new_pitch(self):
        self.assert_struck([0, 1], ("xx......",), steps=8)
        self.assert_struck([0], ("xx~......",), steps=8)
        self.write(("xx~__....", "notes=440.0,880.0", "div=4"), envelope=ORGAN)
        left, _ = self.play(24)
        self.assertEqual(len(loud_spans(left, 0.02, 100)), 1)
        self.assertAlmostEqual(pitch(left[2 * STEP:4 * STEP]) / 440, 1, delta=0.02)
        self.assertAlmostEqual(pitch(left[10 * STEP:13 * STEP]) / 880, 1, delta=0.02)


class OnAHit(Played):
    def test_a_ratchet_strikes_so_often_within_its_step(self):
        self.assert_struck([0, 1 / 3, 2 / 3, 4, 4.25, 4.5, 4.75], ("x*3...x*4...",), steps=8)

    def test_a_chance_is_met_and_falls_alike_each_time(self):
        runs = [self.struck(("x?40", "div=1/4", key), steps=32) for key in
                ("seed=0", "seed=0", "seed=1")]
        self.assertAlmostEqual(len(runs[0]), 0.4 * 128, delta=3 * (128 * 0.24) ** 0.5)
        np.testing.assert_allclose(runs[0], runs[1], atol=NEAR / STEP)
        self.assertNotEqual(runs[0].round(2).tolist(), runs[2].round(2).tolist())

    def test_a_pass_is_counted_from_the_start(self):
        self.assert_struck([4, 20], ("x%2:4...",), steps=32)

    def test_a_fill_is_played_while_fills_are_on(self):
        def fill():
            for step, on in ((7, 1), (15, 0)):
                self.daemon.ask("/wait", f"step:{step}")
                self.daemon.ask("/seq/fill", on)
        self.assert_struck([8, 12], ("x!...",), steps=24, meanwhile=fill)

    def test_late_and_early_are_96ths_of_a_step(self):
        self.assert_struck([1 + 12 / 96, 4 - 24 / 96, 8 + 47 / 96], (".x>12..x<24...x>47.......",))

    def test_a_lock_is_of_its_step_alone_and_of_no_control(self):
        before = self.daemon.values()
        self.write(("x{freq=1000,amp=.9}.x...", "div=4"), envelope=ORGAN)
        left, _ = self.play(16)
        for at, hz in ((0, 1000), (8, 2000)):
            self.assertAlmostEqual(pitch(left[at * STEP + 200:][:STEP]) / hz, 1, delta=0.01)
        loud = [peak(left[at * STEP + 200:][:STEP]) for at in (0, 8)]
        self.assertAlmostEqual(loud[0] / loud[1], 3, delta=0.1)  # 0.9 for the voice's 0.3
        after = self.daemon.values()
        self.assertEqual({path for path in before if before[path] != after[path]} -
                         {path for path in before if "/adsr/" in path or "filter/freq" in path},
                         set())


class Patterns(Played):
    def test_repeats_and_rhythms_are_written_out(self):
        self.assert_struck([0, 2, 4, 6, 8, 11, 14], ("[X.x.]*2 E(3,8)",))
        self.assert_struck([1, 4, 7, 10, 14], ("E(5,16,2)",))

    def test_tracks_of_unlike_length_go_round_by_themselves(self):
        self.assert_struck([0, 3, 5, 6, 9, 10, 12], ("x..",), ("x....",), steps=15)

    def test_div_is_the_length_of_a_step(self):
        self.assert_struck([0, 1.5, 3, 4.5], ("x.", "div=3/4"), steps=6)
        self.assert_struck([0, 4, 8], ("x", "div=4"), steps=12)

    def test_a_wrong_pattern_is_refused_with_its_column_and_the_old_one_plays_on(self):
        def wrong():
            for message in (("/seq/update/pattern", "t1", "x..q"), ("/seq/set", "t1", "pattern", "x*9"),
                            ("/seq/add", "t1", "voice1", "x?0"), ("/seq/update/notes", "t1", "H4")):
                self.daemon.ask("/wait", "step+1")
                with self.assertRaises(Refused) as caught:
                    self.daemon.ask(*message)
                words = caught.exception.message
                self.assertIn("H4" if "H4" in message else "column", words)
                self.assertTrue(caught.exception.hint.startswith(message[0]) or
                                caught.exception.hint.startswith("/seq/set t1"))
        self.assert_struck([0, 2, 4, 6, 8, 10, 12, 14], ("x.",), meanwhile=wrong)

    def test_fmt_the_daemon_and_fmt_again_agree(self):
        for text in ("X x o . - | x_", "x~*3?40%2:4!>12{cutoff=800,res=.7}.", "[X.x.]*4",
                     "E(5,16)", "E(5,16,2)", "x{acid.res=2,osc/type=1}<5", "[[x.]*2 E(1,3)]*2"):
            with self.subTest(text):
                once, again = (subprocess.run([CHRONUSCTL, "fmt", words], text=True,
                                              capture_output=True, check=True).stdout.strip()
                               for words in (text, text))
                again = subprocess.run([CHRONUSCTL, "fmt", once], text=True, capture_output=True,
                                       check=True).stdout.strip()
                self.daemon.ask("/seq/add", "t1", "voice1", text)
                kept = [t for t in self.daemon.tracks() if t["name"] == "t1"][0]["pattern"]
                self.assertEqual((again, kept), (once, once))


class Notes(Played):
    def test_each_way_to_write_a_note_is_heard_at_its_pitch(self):
        notes = "60 C#4,Bb2 r 41.2 440 128 127"
        hz = [261.63, 277.18, 116.54, None, 41.2, 440, 128, 12543.9]
        self.write(("x" * len(hz), f"notes={notes}", "div=4", "gate_frac=0.9"), envelope=ORGAN)
        left, _ = self.play(4 * len(hz))
        for n, wanted in enumerate(hz):
            part = left[n * 4 * STEP + 600:(n * 4 + 3) * STEP]
            if wanted is None:
                self.assertLess(peak(part), 5e-3)
            else:
                self.assertAlmostEqual(pitch(part, high=20000) / wanted, 1, delta=0.02)

    def test_a_chord_sounds_all_its_notes_at_once(self):
        self.write(("x...", "notes=C4+E4+G4,A5", "div=4", "gate_frac=0.9"), envelope=ORGAN)
        left, _ = self.play(20)
        power = np.abs(np.fft.rfft(left[600:3 * STEP] * np.hanning(3 * STEP - 600), 1 << 16))
        for hz in (261.63, 329.63, 392.0):
            there = power[int((hz - 8) * (1 << 16) / 48000):int((hz + 8) * (1 << 16) / 48000)].max()
            self.assertGreater(there, 0.5 * power.max())
        self.assertAlmostEqual(pitch(left[16 * STEP + 600:19 * STEP]) / 880, 1, delta=0.02)

    def test_new_notes_start_anew_and_a_muted_track_keeps_its_place(self):
        def other_notes():
            self.daemon.ask("/wait", "step:5")
            self.daemon.ask("/seq/update/notes", "t1", "1000.0,2000.0")
            self.daemon.ask("/wait", "step:13")
            self.daemon.ask("/seq/mute", "t1", 1)
            self.daemon.ask("/wait", "step:17")
            self.daemon.ask("/seq/mute", "t1", 0)
        self.write(("x", "notes=400.0,500.0,600.0", "div=4", "gate_frac=0.9"), envelope=ORGAN)
        left, _ = self.play(24, other_notes)
        for n, hz in ((0, 400), (1, 500), (2, 1000), (5, 2000)):
            part = left[n * 4 * STEP + 1200:(n * 4 + 3) * STEP]
            self.assertAlmostEqual(pitch(part) / hz, 1, delta=0.02, msg=n)
        self.assertLess(peak(left[16 * STEP + 1200:19 * STEP]), 5e-3)


class Keys(Played):
    KEYS = {"voice": ("voice3", "voice3"), "pattern": ("X_.o", "X_.o"), "len": (6, "6"),
            "div": ("3/4", "3/4"), "prob": (40, 40), "seed": (7, 7), "note_index": (2, 2),
            "notes": ("60,r,C4+E4", "C4,r,C4+E4"), "base_freq": (220.0, 220),
            "base_amp": (0.5, 0.5), "filter_freq": (900.0, 900), "accent_boost": (100.0, 100),
            "reverb_send": (0.25, 0.25), "delay_send": (0.25, 0.25), "pan": (-0.5, -0.5),
            "gate_frac": (0.25, 0.25), "mute": (1, True), "solo": (1, True)}

    def kept(self):
        return [t for t in self.daemon.tracks() if t["name"] == "k"][0]

    def test_every_key_of_a_track_is_set_while_it_plays_listed_and_undone(self):
        self.daemon.ask("/seq/clear")
        self.daemon.ask("/seq/add", "k", "voice1", "x...")
        self.daemon.ask("/seq/start")
        for key, (value, shown) in self.KEYS.items():
            with self.subTest(key):
                before = self.kept()
                self.daemon.ask("/seq/set", "k", key, value)
                after = self.kept()
                self.assertEqual(after[key], shown)
                changed = {k for k in before | after if before.get(k) != after.get(k)}
                self.assertLessEqual(changed, {key, *({"len", "pattern"} if key in ("len", "pattern")
                                                      else {"note_index"})})
                self.daemon.ask("/undo")
                self.assertEqual(self.kept(), before)
                self.daemon.ask("/redo")
                self.assertEqual(self.kept(), after)
        self.daemon.ask("/panic")
        time.sleep(0.03)

    def test_undo_takes_back_whatever_was_done_and_the_music_goes_on(self):
        self.write(("x.",))
        before = self.daemon.values(), self.daemon.tracks()

        def there_and_back():
            for message in (("/seq/clear",), ("/seq/remove", "t1"), ("/seq/mute", "t1", 1),
                            ("/seq/swing", 0.5), ("/mod/voice1/amp", 0.9)):
                self.daemon.send(*message)
                self.daemon.ask("/undo")
        left, _ = self.play(16, there_and_back)
        self.assertEqual((self.daemon.values(), self.daemon.tracks()), before)
        got = onsets(left, quiet=150) / STEP
        self.assertGreater(len(got), 4)
        np.testing.assert_allclose(got, 2 * np.round(got / 2), atol=NEAR / STEP)

    def test_undo_lands_where_edits_do(self):
        self.write(("x.",))
        self.daemon.ask("/seq/set", "t1", "pattern", "x...")

        def back():
            self.daemon.ask("/wait", "step:6")
            self.daemon.ask("/seq/quant", "bar")
            self.assertIn("bar 2, step 1", self.daemon.ask("/undo").text)
            self.daemon.ask("/seq/quant", "off")
        left, _ = self.play(20, back)
        np.testing.assert_allclose(onsets(left, quiet=150) / STEP, [0, 4, 8, 12, 16, 18],
                                   atol=NEAR / STEP)


if __name__ == "__main__":
    unittest.main(verbosity=2)
