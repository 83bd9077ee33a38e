"""Answers, time and whole bundles: what protocol.md's reader relies on, from a client's chair."""

import json
import os
import shutil
import tempfile
import time
import unittest

import liblo
import numpy as np

from rig import RATE, Daemon, Refused, kick, onsets, read_wav

STEP = 6000  # frames of a sixteenth at 120 BPM
BAR = 16 * STEP


def heard(client, seconds=0.3):
    """All that comes for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        client.server.recv(20)
    said, client.heard = client.heard, []
    return said


class Recorded:
    """A daemon whose whole sound is in a file once it has ended."""

    def __init__(self, *args):
        self.folder = tempfile.mkdtemp(prefix="chronus-e2e-")
        self.file = os.path.join(self.folder, "take.wav")
        self.daemon = Daemon("--record", self.file, *args)

    def __enter__(self):
        return self.daemon

    def __exit__(self, *_):
        self.daemon.__exit__()

    def onsets(self):
        _, x = read_wav(self.file)
        shutil.rmtree(self.folder, ignore_errors=True)
        return onsets(x[:, 0])


class Answers(unittest.TestCase):
    def test_a_command_that_comes_again_under_its_id_is_answered_and_not_done_again(self):
        with Daemon() as d:
            first = d.ask("/req", "a", "/seq/add", "x", "voice1", "x...")
            again = d.ask("/req", "a", "/seq/add", "y", "voice1", "xxxx")
            self.assertEqual((first.ident, first.text, first.rev),
                             (again.ident, again.text, again.rev))
            self.assertEqual([t["name"] for t in d.tracks()], ["x"])

    def test_a_refusal_under_an_id_is_the_same_when_asked_again(self):
        with Daemon() as d:
            said = []
            for _ in range(2):
                with self.assertRaises(Refused) as caught:
                    d.ask("/req", "b", "/seq/mute", "nobody", 1)
                said.append((caught.exception.ident, caught.exception.message))
                kick(d, "x")
            self.assertEqual(said[0], said[1])

    def test_synced_comes_after_the_disk(self):
        with Daemon() as d:
            for slot in range(1, 6):
                d.send("/pattern/save", slot)
            d.send("/sync", 7)
            said = heard(d.client, 1.5)
            self.assertEqual([path for path, _ in said], ["/reply"] * 5 + ["/synced"])
            self.assertEqual(said[-1][1], [7])

    def test_a_bundle_made_for_another_revision_is_a_conflict_and_its_hint_works(self):
        with Daemon() as d:
            rev = d.ask("/seq/bpm", 130.0).rev
            d.client.bundle(("/base", rev), ("/seq/bpm", 140.0))
            self.assertEqual(d.ask("/seq/bpm").values, (140.0,))
            heard(d.client)
            d.client.bundle(("/base", rev), ("/seq/bpm", 150.0))
            error = next(v for p, v in heard(d.client) if p == "/error" and v[0] == "/base")
            self.assertEqual(error[3], "CONFLICT")
            address, current = error[5].split()
            d.client.bundle((address, int(current)), ("/seq/bpm", 160.0))
            self.assertEqual(d.ask("/seq/bpm").values, (160.0,))

    def test_a_bundle_is_done_whole_or_not_at_all(self):
        with Daemon() as d:
            kick(d, "x...")
            before = (d.values(), d.tracks(), d.status()["rev"])
            d.client.bundle(("/mod/voice1/freq", 333.0), ("/seq/set", "kick", "gate_frac", "0.9"),
                            ("/seq/add", "bad", "voice1", "x?x"), ("/pattern/save", 9))
            said = heard(d.client)
            self.assertEqual([p for p, _ in said], ["/error"] * 4)
            self.assertEqual((d.values(), d.tracks(), d.status()["rev"]), before)
            self.assertFalse(os.path.exists(d.slot_file(9)))

    def test_what_cannot_be_taken_back_comes_alone(self):
        with Daemon() as d:
            d.client.bundle(("/mod/voice1/freq", 333.0), ("/engine/record/start", "x.wav"))
            said = heard(d.client)
            self.assertIn("UNSUPPORTED", [v[3] for p, v in said if p == "/error"])
            self.assertFalse(d.ask("/engine/record/status").values[0])

    def test_one_address_stands_for_many_parameters(self):
        with Daemon() as d:
            self.assertEqual(d.ask("/mod/voice*/amp", 0.125).values, (8,))
            self.assertEqual(d.ask("/mod/voice{1,3}/freq", 220.0).values, (2,))
            for path in [f"voice{v}/amp" for v in range(1, 9)]:
                self.assertEqual(d.ask(f"/mod/{path}"), [0.125])
            for path in ("voice1/freq", "voice3/freq"):
                self.assertEqual(d.ask(f"/mod/{path}"), [220.0])
            for address in ("/mod/nothing*/amp", "/seq/*"):
                with self.assertRaises(Refused) as caught:
                    d.ask(address, 1)
                self.assertEqual(caught.exception.symbol, "NO_MATCH")


class Time(unittest.TestCase):
    def test_tagged_bundles_sound_on_their_frames_at_every_block_size(self):
        for block in (64, 256, 2048):
            with self.subTest(block=block):
                take = Recorded("--block", str(block))
                with take as d:
                    for path, value in (("attack", 0.0), ("decay", 0.02), ("sustain", 0.0)):
                        d.send(f"/mod/voice1/adsr/{path}", value)
                    d.send("/mod/voice1/osc/type", "square")
                    time.sleep(1.2)  # the clock's line is settled
                    start = liblo.time() + 0.3
                    for n in range(8):
                        d.client.bundle(("/gate/voice1", 1), at=start + 0.1 * n)
                    time.sleep(1.5)
                    self.assertEqual([v for p, v in heard(d.client) if p == "/late"], [])
                gaps = np.diff(take.onsets())
                self.assertEqual(len(gaps), 7)
                self.assertLessEqual(np.abs(gaps - 0.1 * RATE).max(), 3, gaps)

    def test_a_bundle_that_comes_late_acts_at_once_and_is_told_by_how_much(self):
        with Daemon() as d:
            time.sleep(1.5)
            d.client.bundle(("/mod/voice1/freq", 321.0), at=liblo.time() - 1.0)
            late = next(v for p, v in heard(d.client) if p == "/late")
            self.assertEqual(late[:2], ["/mod/voice1/freq", ""])
            self.assertAlmostEqual(late[2], 1.0, delta=0.5)
            self.assertEqual(d.ask("/mod/voice1/freq"), [321.0])

    def test_more_than_a_minute_ahead_is_refused(self):
        with Daemon() as d:
            time.sleep(0.5)
            d.client.bundle(("/seq/bpm", 99.0), at=liblo.time() + 61.0)
            self.assertIn("TOO_FAR_AHEAD", [v[3] for p, v in heard(d.client) if p == "/error"])

    def test_what_is_meant_for_a_line_lands_on_it(self):
        take = Recorded()
        with take as d:
            kick(d, "x...............")
            d.ask("/seq/start")
            time.sleep(0.3)
            d.ask("/at", "bar:3", "/seq/set", "kick", "pattern", "x.......x.......")
            d.ask("/seq/quant", "bar")
            d.ask("/at", "bar:4", "/seq/stop")
            self.assertEqual(len(json.loads(d.ask("/next").values[1])), 2)
            with self.assertRaises(Refused):
                d.ask("/at", "bar+1", "/seq/mute", "nobody", 1)
            d.ask("/wait", "bar:4", timeout=12)
        hits = take.onsets()
        np.testing.assert_array_equal(np.diff(hits), [BAR, BAR, BAR // 2])

    def test_edits_land_on_the_bar_when_asked_to_and_can_be_called_off(self):
        with Daemon() as d:
            kick(d, "x...")
            d.ask("/seq/start")
            d.ask("/seq/quant", "bar")
            reply = d.ask("/seq/mute", "kick", 1)
            self.assertIn("at bar 2, step 1", reply.text)
            self.assertFalse(d.tracks()[0]["mute"])
            waiting = json.loads(d.ask("/next").values[1])
            d.ask("/next/cancel", waiting[0]["id"])
            d.ask("/wait", "bar+1")
            self.assertFalse(d.tracks()[0]["mute"])

    def test_undo_goes_back_scene_by_scene_and_redo_forth(self):
        with Daemon() as d:
            kick(d, "x...")
            for pattern in ("xx..", "xxx.", "xxxx"):
                d.ask("/seq/update/pattern", "kick", pattern)
            seen = []
            for verb in ("/undo", "/undo", "/redo", "/undo", "/undo"):
                d.ask(verb)
                seen.append(d.tracks()[0]["pattern"])
            self.assertEqual(seen, ["xxx.", "xx..", "xxx.", "xx..", "x..."])

    def test_a_chain_plays_its_slots_in_turn(self):
        take = Recorded()
        with take as d:
            for slot, pattern in ((1, "x..............."), (2, "x.......x.......")):
                kick(d, pattern)
                d.ask("/pattern/save", slot)
            d.ask("/pattern/chain", 1, 1, 2, 1)
            d.ask("/seq/start")
            d.ask("/wait", "bar:6", timeout=15)
            d.ask("/pattern/chain/stop")
        hits = take.onsets()[:8]
        np.testing.assert_array_equal(np.diff(hits)[:6],
                                      [BAR, BAR // 2, BAR // 2, BAR, BAR // 2, BAR // 2])


if __name__ == "__main__":
    unittest.main(verbosity=2)
