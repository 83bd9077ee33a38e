"""What was performed is played again: from what was done in it alone, to the bit."""

import glob
import json
import os
import random
import shutil
import signal
import tempfile
import time
import unittest

import numpy as np

import rig
from rig import Daemon
from streams_test import Stream
from wire import RawClient, bundle, pack


class Replay(unittest.TestCase):
    def setUp(self):
        self.state = tempfile.mkdtemp(prefix="chronus-replay-")
        self.addCleanup(shutil.rmtree, self.state, ignore_errors=True)

    def started(self, *args):
        daemon = Daemon(*args, state=self.state)
        self.addCleanup(daemon.__exit__)
        return daemon

    def performances(self, daemon):
        return json.loads(daemon.ctl("--json", "history", "list", "kind=performance").stdout)

    def replayed(self, daemon, *words):
        """The report of a replay in which every second is equal."""
        done = daemon.ctl("--json", "replay", *words, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        report = json.loads(done.stdout)
        report = report if "compared" in report else json.loads(report["document"])
        self.assertEqual(report["compared"]["equal"], report["compared"]["seconds"])
        self.assertGreater(report["compared"]["seconds"], 0)
        return report

    def perform(self, daemon, seconds, seed):
        """Three clients at once do all sorts of things."""
        chance = random.Random(seed)
        with Stream(daemon, "unix", "slip") as local, Stream(daemon, "tcp", "length") as tcp, \
                RawClient(daemon.port) as udp:
            ways = (local.send, tcp.send, udp.send)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                track, voice = f"t{chance.randrange(4)}", f"voice{chance.randrange(1, 9)}"
                steps = "".join(chance.choice("X.x.") for _ in range(8)) + "x"
                packet = chance.choice((
                    pack("/seq/add", "sss", track, voice, steps),
                    pack("/seq/update/pattern", "ss", track, steps),
                    pack("/mod/voice1/amp", "f", chance.random()),
                    pack("/seq/bpm", "f", chance.uniform(90, 180)),
                    pack(f"/gate/{voice}", "i", chance.randrange(2)),
                    pack("/pattern/save", "i", chance.randrange(1, 4)),
                    pack("/pattern/load", "i", chance.randrange(1, 4)),
                    pack("/undo"),
                    pack("/at", "ssf", "beat+1", "/mod/reverb1/mix", chance.random()),
                    bundle(pack("/mod/voice2/amp", "f", chance.random()),
                           pack("/mod/delay1/mix", "f", chance.random()))))
                chance.choice(ways)(packet)
                time.sleep(chance.uniform(0, 0.05))

    def test_what_three_clients_did_sounds_the_same_again(self):
        d = self.started()
        d.ask("/seq/add", "t0", "voice1", "X.x.")
        for seed in (1, 2):
            d.ask("/seq/start")
            self.perform(d, 4, seed)
            d.ask("/seq/stop")
        for each in self.performances(d):
            self.replayed(d, str(each["id"]))

    def test_what_a_killed_daemon_played_sounds_the_same_again(self):
        d = self.started()
        d.ask("/seq/add", "t0", "voice1", "X.x.")
        d.ask("/seq/start")
        self.perform(d, 4, 3)
        d.process.send_signal(signal.SIGKILL)
        d.process.wait()
        d = self.started()
        last = self.performances(d)[0]
        self.assertEqual(last["status"], "killed")
        self.replayed(d, str(last["id"]))

    def test_sound_that_was_never_recorded_is_the_sound_that_was(self):
        take = os.path.join(self.state, "take.wav")
        d = self.started("--record", take)
        d.ask("/seq/add", "kick", "voice1", "X...X...X...X...")
        d.ask("/seq/add", "hat", "voice2", "..x...x...x...x.")
        d.ask("/seq/start")
        d.ask("/wait", "bar+2", timeout=8)
        d.ask("/seq/stop")
        time.sleep(1)
        report = self.replayed(d, str(self.performances(d)[0]["id"]), "--outputs",
                               "wav32f,stems,plot", "--name", "again")
        made = [file for output in report["outputs"] for file in output["files"]]
        self.assertEqual(len(made), 4, "the sound, two stems and a plot")
        d.stop()
        _, live = rig.read_wav(take)
        _, again = rig.read_wav(os.path.join(self.state, "renders", "again.wav"))
        two_bars = 2 * 96000
        heard, played = (x[int(np.argmax(np.abs(x[:, 0]) > 0)):][:two_bars] for x in (live, again))
        self.assertEqual(len(heard), two_bars)
        self.assertTrue(np.array_equal(heard, played))

    def short_performance(self, daemon, seconds):
        """Its number."""
        daemon.ask("/seq/add", "kick", "voice1", "X...X...X...X...")
        daemon.ask("/seq/start")
        time.sleep(seconds)
        daemon.ask("/seq/stop")
        time.sleep(0.1)
        return self.performances(daemon)[0]["id"]

    def level(self, daemon, job):
        return json.loads(daemon.document("/progress/show", job))

    def heard_for(self, daemon, job, seconds):
        """Waits until so much of a live replay was heard; answers the part that says so."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            playing = [part for part in self.level(daemon, job)["parts"] if part["type"] == "play"]
            if playing and playing[0]["current"] >= seconds * rig.RATE:
                return playing[0]
            time.sleep(0.01)
        self.fail("it is not heard")

    def test_a_live_replay_takes_as_long_as_the_music_and_every_second_is_equal(self):
        d = self.started()
        ident = self.short_performance(d, 2.5)
        began = time.monotonic()
        report = self.replayed(d, str(ident), "--live")
        took = time.monotonic() - began
        self.assertGreater(report["live"]["seconds"], 2.4)
        self.assertGreater(took, report["live"]["seconds"] - 0.1)
        again = self.replayed(d, str(ident), "--live", "--from", "2")
        self.assertAlmostEqual(report["live"]["seconds"] - again["live"]["seconds"], 2, places=3)
        self.assertEqual(glob.glob(os.path.join(self.state, "renders", "*")), [])

    def test_a_live_replay_goes_on_in_real_time_beside_the_music_until_it_is_cancelled(self):
        d = self.started()
        ident = self.short_performance(d, 5)
        d.ask("/seq/start")
        job = d.ask("/history/replay", ident, "live").values[0]
        first, at = self.heard_for(d, job, 0.3), time.monotonic()
        time.sleep(1)
        second = self.heard_for(d, job, 0.3)
        passed = (second["current"] - first["current"]) / rig.RATE
        self.assertAlmostEqual(passed, time.monotonic() - at, delta=0.3)
        self.assertGreater(second["total"], 4.8 * rig.RATE)
        with self.assertRaises(rig.Refused) as refused:
            d.ask("/history/replay", ident, "live")
        self.assertEqual(refused.exception.symbol, "BUSY")
        self.assertEqual(refused.exception.hint, f"/job/cancel {job}")
        began = time.monotonic()
        d.ask(*refused.exception.hint.split())
        while self.level(d, job)["status"] == "running":
            self.assertLess(time.monotonic() - began, 5)
        print(f"\ncancelled within {1000 * (time.monotonic() - began):.0f} ms")
        self.assertLess(time.monotonic() - began, 0.1)
        self.assertEqual(self.level(d, job)["status"], "cancelled")
        self.assertTrue(d.status()["running"])
        d.ask("/seq/stop")
        time.sleep(1)
        self.replayed(d, str(self.performances(d)[0]["id"]))  # what was played under it is its own

    def test_a_panic_silences_a_live_replay(self):
        d = self.started()
        job = d.ask("/history/replay", self.short_performance(d, 2), "live").values[0]
        self.heard_for(d, job, 0.2)
        d.ask("/panic")
        end = time.monotonic() + 5
        while self.level(d, job)["status"] == "running" and time.monotonic() < end:
            time.sleep(0.01)
        level = self.level(d, job)
        self.assertEqual(level["status"], "cancelled")
        self.assertIn("silenced by a panic", json.dumps(level))

    def test_a_live_replay_needs_the_rate_it_was_played_at(self):
        d = self.started("--sample-rate", "44100")
        ident = self.short_performance(d, 0.5)
        d.stop()
        d = self.started()
        done = d.ctl("replay", str(ident), "--live", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("played at 44100 Hz, and the device plays at 48000", done.stderr)
        self.assertIn(f"/history/replay {ident}", done.stderr)
        d.ctl("replay", str(ident))

    def test_a_daemon_that_ends_ends_its_live_replay(self):
        d = self.started()
        job = d.ask("/history/replay", self.short_performance(d, 3), "live").values[0]
        self.heard_for(d, job, 0.2)
        began = time.monotonic()
        d.stop()
        self.assertLess(time.monotonic() - began, 2)
        self.assertEqual(d.process.returncode, 0)

    def test_the_change_that_silenced_a_performance_is_found(self):
        d = self.started()
        for track, voice in (("kick", "voice1"), ("hat", "voice2")):
            d.ask("/seq/add", track, voice, "X.x.X.x.")
        d.ask("/seq/start")
        for step in range(20):
            d.send("/mod/voice1/filter/freq", 500.0 + step)
            time.sleep(0.02)
        d.ask("/seq/mute", "kick", 1)
        time.sleep(0.2)
        d.ask("/seq/mute", "hat", 1)
        for step in range(20):
            d.send("/mod/voice1/filter/freq", 500.0 + step)
            time.sleep(0.1)
        d.ask("/seq/stop")
        ident = str(self.performances(d)[0]["id"])
        done = d.ctl("bisect", ident, "silence=0.5")
        self.assertIn("/seq/mute hat 1", done.stdout)
        self.assertIn("by this machine", done.stdout)
        found = json.loads(d.ctl("--json", "bisect", ident, "silence=0.5").stdout)
        found = found if "change" in found else json.loads(found["document"])
        self.assertEqual(found["change"]["command"], "/seq/mute hat 1")
        self.assertGreater(found["held"]["seconds"], 1.0)
        self.assertLess(found["change"]["before"], 0.5)
        self.assertGreaterEqual(found["change"]["after"], 0.5)
        shown = d.ctl("history", "show", ident, "advanced").stdout
        self.assertRegex(shown, rf"(?m)^ *{found['change']['seq']} ")
        for predicate, words in (("level>-60", "no change"), ("clipping", "never held")):
            done = d.ctl("bisect", ident, predicate, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(words, done.stdout)
        for words, why in (([ident, "loud"], "what can be looked for"), (["99", "silence"], "none"),
                           ([ident, "level>x"], "what can be looked for"), ([ident], "PREDICATE")):
            done = d.ctl("bisect", *words, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(why, done.stderr)
        done = d.ctl("bisect", ident, "loud", check=False)
        d.ask(*done.stderr.split("send ")[1].split()[:1], int(ident), "silence")

    def test_one_search_a_performance_which_can_be_cancelled(self):
        d = self.started()
        for track in range(64):
            d.send("/seq/add", f"t{track}", f"voice{1 + track % 8}", "xxxx")
        d.ask("/seq/start")
        time.sleep(8)
        d.ask("/seq/stop")
        ident = self.performances(d)[0]["id"]
        job = d.ask("/history/bisect", ident, "silence=3000").values[0]
        try:
            d.ask("/history/bisect", ident, "silence")
            self.assertEqual(self.level(d, job)["status"], "completed")
        except rig.Refused as refused:
            self.assertEqual((refused.symbol, refused.hint), ("BUSY", f"/job/cancel {job}"))
            began = time.monotonic()
            d.ask("/job/cancel", job)
            while self.level(d, job)["status"] == "running":
                self.assertLess(time.monotonic() - began, 5)
            self.assertLess(time.monotonic() - began, 0.2)

    def test_what_cannot_be_played_again_says_why(self):
        d = self.started()
        d.ask("/seq/add", "t0", "voice1", "X.x.")
        d.ask("/seq/start")
        time.sleep(0.2)
        for words, why in ((["99"], "there is none"), (["1", "--from", "0"], "from"),
                           (["1", "--live", "--from", "x"], "from"),
                           (["1", "--live", "--outputs", "flac"], "makes no outputs"),
                           (["x"], "execution"), ([], "one performance")):
            done = d.ctl("replay", *words, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(why, done.stdout + done.stderr)
        running = self.performances(d)[0]
        done = d.ctl("replay", str(running["id"]), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("still goes on", done.stderr)
        self.assertEqual(glob.glob(os.path.join(self.state, "renders", "*")), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
