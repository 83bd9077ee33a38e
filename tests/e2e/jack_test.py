"""A real sound server, without a card: every sample arrives, and losing the server is survived."""

import glob
import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest

import numpy as np

import rig
from rig import Daemon

CAPTURE = os.path.join(rig.BUILD, "jack_capture")
HZ = 440.0
LEVEL = 0.3


class Server:
    """jackd's dummy driver under a name of its own."""

    def __init__(self):
        self.name = f"chronus-{os.getpid()}"
        self.env = {"JACK_DEFAULT_SERVER": self.name, "JACK_NO_AUDIO_RESERVATION": "1"}
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            ["jackd", "-R", "-P", "60", "-S", "-n", self.name, "-d", "dummy", "-r", "48000",
             "-p", "256"], env=dict(os.environ, **self.env), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        subprocess.run(["jack_wait", "-s", self.name, "-w", "-t", "10"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Asked to end, it gives its memory back; killed in a test, it was started again since."""
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()
        for left in glob.glob(f"/dev/shm/jack*_{self.name}_*"):
            os.unlink(left)

    def capture(self, seconds, file):
        return subprocess.Popen([CAPTURE, str(seconds), file, *self.ports()],
                                env=dict(os.environ, **self.env), stdout=subprocess.PIPE, text=True)

    def ports(self):
        found = subprocess.run(["jack_lsp", "-s", self.name], text=True, check=True,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.split("\n")
        return [port for port in found if "outport" in port]


def hold_a_tone(d):
    """A sine by hand: sustain 1, and an attack slow enough to begin without a step."""
    for path, value in (("osc/type", 0), ("freq", HZ), ("amp", LEVEL), ("filter/freq", 18000.0),
                        ("filter/q", 0.5), ("adsr/attack", 0.5), ("adsr/decay", 0.0),
                        ("adsr/sustain", 1.0)):
        d.send("/mod/voice1/" + path, value)
    d.ask("/version")
    d.send("/gate/voice1", 1)


def state_of(d):
    return d.status()["device"]["state"]


@unittest.skipUnless(shutil.which("jackd"), "jackd is not installed")
class Jack(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="chronus-jack-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.server = Server()
        self.server.start()
        self.addCleanup(self.server.stop)

    def until(self, done, what, timeout=15.0):
        end = time.monotonic() + timeout
        while not done():
            self.assertLess(time.monotonic(), end, what)
            time.sleep(0.05)

    def recorded(self, seconds, capture, file):
        self.assertEqual(capture.wait(timeout=seconds + 30), 0)
        capture.stdout.close()
        x = np.fromfile(file, "<f4").astype(float).reshape(2, -1)
        self.assertEqual(x.shape[1], seconds * 48000)
        return x

    def begin(self, seconds, name="take.f32"):
        file = os.path.join(self.folder, name)
        capture = self.server.capture(seconds, file)
        self.assertEqual(capture.stdout.readline(), "recording\n")
        return seconds, capture, file

    def check_sine(self, x):
        """A sine is the one sound whose next sample follows from the last two; a lost or doubled
        block breaks that by 0.03 or more."""
        k = 2 * np.cos(2 * np.pi * HZ / 48000)
        error = np.abs(x[2:] - k * x[1:-1] + x[:-2])
        print(f"\n{len(x) / 48000:.0f} s of a sine: off by at most {error.max():.1e}")
        self.assertLess(error.max(), 1e-3, f"at frame {int(error.argmax())}")
        self.assertGreater(np.sqrt(np.mean(np.square(x))), 0.1)

    def test_a_minute_reaches_another_program_sample_by_sample(self):
        with Daemon(device="jack", env=self.server.env) as d:
            device = d.status()["device"]
            self.assertEqual((device["kind"], device["state"], device["rate"], device["block"]),
                             ("jack", "running", 48000, 256))
            self.assertEqual(len(self.server.ports()), 2)
            hold_a_tone(d)
            time.sleep(1.5)
            left, right = self.recorded(*self.begin(60))
            self.check_sine(left)
            self.assertTrue(np.array_equal(left, right), "a voice in the middle is on both sides")

    def test_a_server_that_dies_and_comes_back(self):
        """Time goes on without it, commands are answered, and the sound returns by itself."""
        take = os.path.join(self.folder, "take.wav")
        with Daemon("--record", take, device="jack", env=self.server.env) as d:
            d.ask("/seq/add", "ruler", "voice2", "X", 2000.0, "base_amp=0")
            d.ask("/seq/start")
            hold_a_tone(d)
            time.sleep(0.5)
            self.server.kill()
            self.until(lambda: state_of(d) == "lost", "the loss is noticed")
            answer = d.ask("/status")
            self.assertIn("jack", answer.text)
            self.assertIn("lost", answer.text)
            first = d.status()
            time.sleep(1.0)
            second = d.status()
            steps = (second["bar"] - first["bar"]) * 16 + second["step"] - first["step"]
            self.assertGreaterEqual(steps, 6, "8 steps a second, without a server")
            self.assertTrue(second["running"])
            d.ask("/pattern/save", 1)
            self.server.start()
            self.until(lambda: state_of(d) == "running", "it is found again")
            self.assertEqual(d.status()["device"]["lost"], 1)
            self.until(lambda: len(self.server.ports()) == 2, "its ports are there")
            time.sleep(0.5)
            self.check_sine(self.recorded(*self.begin(3))[0])
            self.assertEqual(d.status()["heals"], 0)
            d.ask("/seq/stop")
            types = {item["type"] for item in json.loads(
                d.ctl("--json", "history", "show", "2", "researcher").stdout)["items"]}
            self.assertLessEqual({"device_lost", "device_back"}, types)
            self.assertIn("equal", d.ctl("replay", "2").stdout)  # exit code 0: every second is
        _, x = rig.read_wav(take)
        k = 2 * np.cos(2 * np.pi * HZ / 48000)
        steady = x[48000:-24000, 0]  # what was rendered has no gap either: time never stood still
        self.assertLess(np.abs(steady[2:] - k * steady[1:-1] + steady[:-2]).max(), 1e-3)

    def test_a_live_replay_reaches_another_program_as_it_was(self):
        take = os.path.join(self.folder, "take.wav")
        with Daemon("--record", take, device="jack", env=self.server.env) as d:
            d.ask("/seq/add", "kick", "voice1", "X...X...X...X...")
            d.ask("/seq/start")
            time.sleep(2.5)
            d.ask("/seq/stop")
            time.sleep(3)  # until nothing sounds
            capture = self.begin(6)
            self.assertIn("equal", d.ctl("replay", "2", "--live").stdout)
            heard = self.recorded(*capture)
        _, then = rig.read_wav(take)
        for side in range(2):
            was, again = (x[int(np.argmax(np.abs(x) > 0)):][:2 * 48000]
                          for x in (then[:, side], heard[side].astype(np.float32)))
            self.assertEqual(len(again), 2 * 48000)
            self.assertTrue(np.array_equal(was, again))

    def test_auto_takes_the_server_that_runs(self):
        with Daemon(device="auto", env=self.server.env) as d:
            self.assertEqual(d.status()["device"]["kind"], "jack")


@unittest.skipUnless(shutil.which("jackd"), "jackd is not installed")
class NoServer(unittest.TestCase):
    def test_auto_without_one_plays_to_nowhere_and_says_so(self):
        with Daemon(device="auto", env={"JACK_DEFAULT_SERVER": "nobody", "PULSE_SERVER": "unix:/no"}
                    ) as d:
            self.assertIn("no sound card", " ".join(d.lines))
            self.assertIn("no sound card", d.ask("/status").text)
            self.assertEqual(d.status()["device"]["kind"], "null")


if __name__ == "__main__":
    unittest.main(verbosity=2)
