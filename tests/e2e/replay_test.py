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
        return json.loads(daemon.ctl("--json", "history", "list").stdout)

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

    def test_what_cannot_be_played_again_says_why(self):
        d = self.started()
        d.ask("/seq/add", "t0", "voice1", "X.x.")
        d.ask("/seq/start")
        time.sleep(0.2)
        for words, why in ((["99"], "there is none"), (["1", "--from", "0"], "from"),
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
