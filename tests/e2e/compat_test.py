"""Clients of the original, unchanged: the very bytes python-osc makes of their calls."""

import os
import time
import unittest

from rig import Daemon
from wire import RawClient, bundle, pack, text


def python_osc(address, value=None):
    """As python-osc encodes `send_message(address, value)`."""
    values = [] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]
    tags, payload = "", []
    for v in values:
        if isinstance(v, bool):
            tags += "T" if v else "F"
        elif isinstance(v, int):
            tags += "i" if -2 ** 31 <= v < 2 ** 31 else "h"
            payload.append(v)
        elif isinstance(v, float):
            tags += "f"
            payload.append(v)
        else:
            tags += "s"
            payload.append(v)
    return pack(address, tags, *payload)


class ChronusOSC:
    """The original's wrapper class: numbers as floats, gates as ints, no argument as an empty list."""

    def __init__(self, port):
        self.raw = RawClient(port)

    def send(self, path, value=None):
        self.raw.send(python_osc(path, value))

    def set_voice_freq(self, voice, freq):
        self.send(f"/mod/{voice}/freq", float(freq))

    def set_voice_amp(self, voice, amp):
        self.send(f"/mod/{voice}/amp", float(amp))

    def set_voice_filter(self, voice, freq, q=None):
        self.send(f"/mod/{voice}/filter/freq", float(freq))
        if q is not None:
            self.send(f"/mod/{voice}/filter/q", float(q))

    def set_voice_adsr(self, voice, **stages):
        for stage, value in stages.items():
            self.send(f"/mod/{voice}/adsr/{stage}", float(value))

    def set_voice_sends(self, voice, **sends):
        for name, value in sends.items():
            self.send(f"/mod/{voice}/send/{name}", float(value))

    def set_module(self, module, **values):
        for name, value in values.items():
            self.send(f"/mod/{module}/{name}", float(value))

    def gate_voice(self, voice, state):
        self.send(f"/gate/{voice}", 1 if state else 0)

    def seq_add_track(self, track, voice, pattern, base_freq=None, filter_freq=None, notes=None):
        args = [track, voice, pattern]
        if base_freq is not None:
            args.append(float(base_freq))
        if filter_freq is not None:
            args.append(float(filter_freq))
        if notes is not None:
            args.append(notes)
        self.send("/seq/add", args)


class Original(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.__exit__)
        self.osc = ChronusOSC(self.daemon.port)
        self.addCleanup(self.osc.raw.socket.close)

    def value(self, path):
        return self.daemon.ask("/mod/" + path)[0]

    def tracks(self):
        return {t["name"]: t for t in self.daemon.tracks()}

    def test_every_method_of_the_wrapper_does_what_it_says(self):
        osc = self.osc
        osc.send("/engine/start", [])
        osc.set_voice_freq("voice1", 220)
        osc.set_voice_amp("voice1", 0.4)
        osc.set_voice_filter("voice1", 1500, 3)
        osc.set_voice_adsr("voice1", attack=0.02, decay=0.2, sustain=0.5, release=0.75)
        osc.set_voice_sends("voice1", reverb=0.25, delay=0.125)
        osc.set_module("acid1", cutoff=900, res=0.75, env_amount=1800, decay=0.5, drive=0.25, mix=0.5)
        osc.set_module("reverb1", mix=0.5, room=0.75, damp=0.25)
        osc.set_module("delay1", mix=0.25, time=0.375, feedback=0.5)
        osc.set_module("dist1", drive=0.25, mix=0.5, tone=0.75)
        osc.set_module("lfo1", rate=0.5, depth=0.25)
        osc.set_module("lfo2", rate=2, depth=0.5)
        for path, expected in (
                ("voice1/freq", 220), ("voice1/amp", 0.4), ("voice1/filter/freq", 1500),
                ("voice1/filter/q", 3), ("voice1/adsr/attack", 0.02), ("voice1/adsr/release", 0.75),
                ("voice1/send/reverb", 0.25), ("voice1/send/delay", 0.125), ("acid1/cutoff", 900),
                ("acid1/env_amount", 1800), ("acid1/mix", 0.5), ("reverb1/room", 0.75),
                ("delay1/time", 0.375), ("dist1/tone", 0.75), ("lfo1/rate", 0.5), ("lfo2/depth", 0.5)):
            self.assertAlmostEqual(self.value(path), expected, 5, path)
        osc.seq_add_track("kick", "voice1", "X...X...X...X...", 60, 200)
        osc.seq_add_track("bass", "voice2", "X.x.", 55, 800, "A1,C2,E2")
        osc.seq_add_track("lead", "voice3", "x...")
        osc.send("/seq/update/pattern", ["kick", "X.X."])
        osc.send("/seq/update/notes", ["bass", "60,64,67"])
        osc.send("/seq/bpm", 128.0)
        osc.send("/seq/swing", 0.1)
        osc.send("/seq/start", [])
        tracks = self.tracks()
        self.assertEqual(list(tracks), ["kick", "bass", "lead"])
        self.assertEqual((tracks["kick"]["pattern"], tracks["kick"]["base_freq"],
                          tracks["kick"]["filter_freq"]), ("X.X.", 60, 200))
        self.assertEqual(tracks["bass"]["notes"], "C4,E4,G4")
        self.assertEqual(tracks["lead"]["base_freq"], 440)
        self.assertTrue(self.daemon.status()["running"])
        self.assertEqual(self.daemon.status()["bpm"], 128)
        osc.send("/pattern/save", [5])
        osc.send("/pattern/save", [6, "evening"])
        osc.send("/seq/remove", "lead")
        osc.send("/pattern/list", [])
        osc.send("/seq/stop", [])
        osc.send("/pattern/load", [5])
        self.assertEqual(list(self.tracks()), ["kick", "bass", "lead"])
        for query in ("/engine/status", "/engine/schema", "/seq/status", "/engine/list"):
            osc.send(query, [])
        osc.send("/seq/clear", [])
        self.assertEqual(self.tracks(), {})
        osc.send("/engine/stop", [])
        self.assertFalse(self.daemon.status()["running"])
        self.assertEqual(self.daemon.ask("/version").address, "/version", "and it still answers")

    def test_optionals_that_are_left_out_are_not_padded(self):
        """Notes in the place of a number are ignored, as they were."""
        self.osc.seq_add_track("a", "voice1", "X", notes="A2,C3")
        self.osc.seq_add_track("b", "voice1", "X", base_freq=50, notes="A2,C3")
        tracks = self.tracks()
        self.assertEqual((tracks["a"]["base_freq"], tracks["a"]["notes"]), (440, ""))
        self.assertEqual((tracks["b"]["base_freq"], tracks["b"]["notes"]), (50, ""))
        self.assertNotIn("filter_freq", tracks["b"])

    def test_keys_after_the_pattern(self):
        self.osc.send("/seq/add", ["a", "voice1", "X", "base_amp=0.2", 70.0, "gate_frac=0.25",
                                   "reverb_send=0.5", "notes=60"])
        track = self.tracks()["a"]
        self.assertAlmostEqual(track["base_amp"], 0.2, 5)
        self.assertEqual((track["gate_frac"], track["reverb_send"]), (0.25, 0.5))
        self.assertEqual(track["notes"], "C4")

    def test_starting_again_and_again_does_not_restart(self):
        self.osc.seq_add_track("a", "voice1", "X", 60)
        for _ in range(3):
            self.osc.send("/seq/start", [])
        deadline = time.monotonic() + 5
        while self.daemon.status()["step"] < 4 and time.monotonic() < deadline:
            time.sleep(0.02)
        before = self.daemon.status()
        self.osc.send("/seq/start", 1)
        self.osc.send("/engine/start", 1)
        after = self.daemon.status()
        self.assertGreaterEqual((after["bar"], after["step"]), (before["bar"], before["step"]))

    def test_what_is_gone_can_be_updated_and_removed_without_harm(self):
        self.osc.seq_add_track("a", "voice1", "X.", 60)
        self.osc.send("/seq/remove", "a")
        self.osc.send("/seq/remove", "a")
        self.osc.send("/seq/update/pattern", ["a", "XX"])
        self.osc.send("/seq/update/notes", ["a", "60"])
        self.osc.send("/gate/voice1", 1)
        self.osc.send("/gate/voice9", 1)
        self.osc.send("/mod/voice9/freq", 440.0)
        self.osc.send("/mod/granular1/size", 1.0)
        self.assertEqual(self.tracks(), {})
        self.assertEqual(self.daemon.status()["heals"], 0)

    def test_out_of_range_is_clipped_as_it_was(self):
        for path, value, expected in (("voice1/filter/freq", -200.0, 20), ("voice1/freq", -1.0, 20),
                                      ("voice1/amp", 3.0, 1), ("reverb1/mix", -0.5, 0),
                                      ("voice1/filter/q", 99.0, 10), ("acid1/res", 2.0, 0.98),
                                      ("voice1/freq", True, 20)):
            self.osc.send("/mod/" + path, value)
            self.assertAlmostEqual(self.value(path), expected, 5, path)
        self.osc.send("/seq/bpm", 1000.0)
        self.osc.send("/seq/swing", 5.0)
        self.assertEqual(self.value("seq/bpm"), 300)
        self.assertAlmostEqual(self.value("seq/swing"), 0.6, 5)
        self.osc.seq_add_track("hats", "voice1", "x", -8000, -12000)
        self.assertEqual((self.tracks()["hats"]["base_freq"], self.tracks()["hats"]["filter_freq"]),
                         (20, 20))

    def test_numbers_as_text_and_notes_with_blanks(self):
        self.osc.send("/mod/voice1/freq", "330")
        self.assertEqual(self.value("voice1/freq"), 330)
        self.osc.send("/seq/bpm", "99.5")
        self.assertEqual(self.value("seq/bpm"), 99.5)
        self.osc.send("/seq/add", ["a", "voice1", "X", "65.4", "900", "C4 D4  E4 , F4"])
        track = self.tracks()["a"]
        self.assertAlmostEqual(track["base_freq"], 65.4, 4)
        self.assertEqual((track["filter_freq"], track["notes"]), (900, "C4,D4,E4,F4"))
        self.osc.send("/seq/update/notes", ["a", "A2 A2 C3 440 41.2"])
        self.assertEqual(self.tracks()["a"]["notes"], "A2,A2,C3,A4,41.2")
        self.osc.send("/seq/update/notes", ["a", 60])
        self.assertEqual(self.tracks()["a"]["notes"], "C4", "an int is MIDI")
        self.osc.send("/seq/update/notes", ["a", 60.0])
        self.assertEqual(self.tracks()["a"]["notes"], "60.0", "a float is Hz")

    def test_slots_by_int_float_and_text_with_a_flag_in_all_its_forms(self):
        self.osc.send("/seq/bpm", 77.0)
        for slot in (3, 4.0, "5"):
            self.osc.send("/pattern/save", slot)
        self.daemon.ask("/pattern/save", 6)  # saves are done in order
        for slot in (3, 4, 5):
            self.assertTrue(os.path.exists(self.daemon.slot_file(slot)))
        for flag in (1, True, "1", "true", "immediate", "NOW", "Immediate"):
            self.osc.send("/seq/start", [])
            self.osc.send("/seq/bpm", 200.0)
            self.osc.send("/pattern/load", [3, flag])
            self.assertEqual(self.value("seq/bpm"), 77.0, flag)
        self.osc.send("/seq/bpm", 20.0)  # a bar of 12 s
        time.sleep(0.1)
        for flag in (0, False, "later"):
            self.osc.send("/pattern/load", [3, flag])
            self.assertTrue(self.daemon.status()["pending"], flag)
        self.assertEqual(self.value("seq/bpm"), 20.0)

    def test_bundles_work_in_the_order_they_are_written(self):
        self.osc.raw.send(bundle(python_osc("/seq/bpm", 90.0), python_osc("/mod/voice1/freq", 100.0),
                                 bundle(python_osc("/seq/bpm", 91.0)),
                                 python_osc("/mod/voice1/freq", 200.0)))
        self.assertEqual(self.value("seq/bpm"), 91)
        self.assertEqual(self.value("voice1/freq"), 200)

    def test_a_message_without_type_tags_is_one_without_arguments(self):
        self.osc.raw.send(text("/seq/start"))
        self.assertTrue(self.daemon.status()["running"])

    def test_a_burst_of_a_song_is_taken_whole(self):
        """The shipped songs send up to a hundred messages at once."""
        for n in range(1000):
            self.osc.set_voice_freq("voice1", 100 + n)
            self.osc.gate_voice("voice1", n % 2 == 0)
            if n % 100 == 99:
                self.assertEqual(self.value("voice1/freq"), 100 + n)
        self.assertEqual(self.daemon.status()["bad_packets"], 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
