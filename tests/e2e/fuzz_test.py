"""A hundred thousand packets that nobody should send, and the music plays on."""

import os
import random
import re
import shutil
import struct
import tempfile
import time
import unittest

import numpy as np

from rig import Daemon, onsets, read_wav
from wire import RawClient, bundle, pack

STEP = 6000  # frames of a sixteenth at 120 BPM
HARMLESS, ANY = 60_000, 40_000
MOST_GROWTH = 8 * 1024  # KiB: 256 patterns to go back to, and what clients are remembered by

# Nothing a few turned bits could make from these reaches voice 1, the tempo or the transport.
QUIET_SEEDS = [
    pack("/mod/voice4/freq", "f", 440.0), pack("/mod/voice4/pan", "d", -0.5),
    pack("/mod/voice8/adsr/attack", "s", "0.25"), pack("/mod/voice8/osc/type", "i", 2),
    pack("/mod/lfo4/rate", "h", 3), pack("/mod/acid1/cutoff", "f", 800.0),
    pack("/pattern/info", "i", 1), pack("/pattern/list"), pack("/pattern/backups", "i", 1),
    pack("/status"), pack("/version", "TFNI"), pack("/seq/list", ""), pack("/seq/status", "b", b"x" * 9),
    pack("/schema", "s", "/mod/voice4"), pack("/unheard/of", "ifsb", 1, 2.0, "three", b"four"),
]
SEEDS = QUIET_SEEDS + [
    pack("/seq/add", "sssffs", "bass", "voice2", "X.x~.x._", 55.0, 800.0, "A2,C3,E3"),
    pack("/seq/add", "ssss", "a", "3", "X", "gate_frac=0.25"), pack("/seq/clear"),
    pack("/seq/start", "i", 1), pack("/seq/stop"), pack("/panic"), pack("/seq/bpm", "f", 140.0),
    pack("/seq/swing", "f", 0.3), pack("/seq/remove", "s", "bass"), pack("/seq/mute", "si", "a", 1),
    pack("/seq/solo", "sT", "a"), pack("/seq/set", "ssf", "bass", "pan", 0.5),
    pack("/seq/update/notes", "si", "bass", 60), pack("/seq/update/pattern", "ss", "a", "X_x~"),
    pack("/gate/voice1", "i", 1), pack("/gate/acid1", "f", 0.0), pack("/gate/voice3", "T"),
    pack("/mod/delay1/feedback", "f", 1.1), pack("/mod/lfo1/target", "s", "voice1/freq"),
    pack("/mod/lfo1/depth", "f", 1.0), pack("/mod/dist1/drive", "f", 1.0),
    pack("/mod/reverb1/room", "f", 1.0), pack("/mod/master/level", "f", 2.0),
    pack("/pattern/load", "is", 1, "now"), pack("/pattern/reload"), pack("/client/replies", "i", 2),
    pack("/engine/status"), pack("/engine/list"), pack("/engine/record/status"),
]
# These write to the disk, each in its own time, and so are sent a few times only.
SLOW_SEEDS = [pack("/pattern/save", "iss", 2, "name", "tag"), pack("/pattern/copy", "ii", 1, 3),
              pack("/pattern/delete", "i", 3), pack("/pattern/restore", "i", 1),
              pack("/engine/record/start", "s", "take.wav"), pack("/engine/record/stop"),
              pack("/engine/schema", "s", "file")]


class Mangler:
    """Packets made from good ones, the same for the same seed."""

    def __init__(self, seed, seeds):
        self.dice, self.seeds = random.Random(seed), seeds
        self.ways = (self.noise, self.flipped, self.flipped, self.cut, self.grown, self.patched,
                     self.tagged, self.bundled, self.nested, self.whole)

    def next(self):
        return self.dice.choice(self.ways)()[:9000]

    def whole(self):
        return self.dice.choice(self.seeds)

    def noise(self):
        return self.dice.randbytes(self.dice.randrange(0, 200))

    def flipped(self):
        packet = bytearray(self.whole())
        for _ in range(self.dice.randint(1, 3)):
            packet[self.dice.randrange(len(packet))] ^= 1 << self.dice.randrange(8)
        return bytes(packet)

    def cut(self):
        packet = self.whole()
        return packet[:self.dice.randrange(len(packet))]

    def grown(self):
        return self.whole() + self.dice.randbytes(self.dice.choice((1, 2, 3, 4, 8, 1000)))

    def patched(self):
        """A word of it is a number at the edge of things."""
        packet = bytearray(self.whole())
        at = self.dice.randrange(0, len(packet), 4)
        packet[at:at + 4] = self.dice.choice((
            b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\0\0\0", b"\0\0\0\0",
            struct.pack(">f", float("nan")), struct.pack(">f", float("-inf")), b"\0\0\x20\0"))
        return bytes(packet)

    def tagged(self):
        """Its tags say something else than its arguments."""
        tags = "".join(self.dice.choice("ifsbhtdScrmTFNI[]zq") for _ in range(self.dice.randrange(90)))
        packet = self.whole()
        end = packet.index(b",")
        return packet[:end] + b"," + tags.encode() + b"\0" * (4 - (len(tags) + 1) % 4) + packet[end:]

    def bundled(self):
        packets = [self.dice.choice((self.whole, self.flipped, self.cut))()
                   for _ in range(self.dice.randrange(6))]
        packet = bytearray(bundle(*packets, timetag=self.dice.choice((0, 1, 2 ** 63, 2 ** 64 - 1))))
        if self.dice.random() < 0.5:  # a length that is not
            packet[16:20] = struct.pack(">i", self.dice.choice((-1, 0, 3, 4, 2 ** 31 - 1, 65536)))
        return bytes(packet)

    def nested(self):
        packet = self.whole()
        for _ in range(self.dice.choice((1, 3, 4, 5, 40, 400))):
            packet = bundle(packet)
        return packet


def resident(daemon):
    """KiB of memory that are its own."""
    with open(f"/proc/{daemon.process.pid}/smaps_rollup", encoding="ascii") as file:
        return sum(map(int, re.findall(r"^Private_\w+: +(\d+) kB", file.read(), re.M)))


class Fuzz(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="chronus-fuzz-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.take = os.path.join(self.folder, "take.wav")

    def ruler(self, d):
        d.ask("/seq/add", "ruler", "voice1", "X", 2000.0)
        for path, value in (("adsr/attack", 0.001), ("adsr/decay", 0.03), ("adsr/sustain", 0.0),
                            ("adsr/release", 0.01)):
            d.send("/mod/voice1/" + path, value)
        d.ask("/pattern/save", 1)
        d.ask("/seq/start")

    def flood(self, d, seed, seeds, count):
        mangler = Mangler(seed, seeds)
        with RawClient(d.port) as raw:
            raw.socket.setblocking(False)
            for n in range(count):
                raw.send(mangler.next())
                if n % 500 == 499:  # so that the kernel drops none
                    d.ask("/version", timeout=30)
                    self.drain(raw)
                    time.sleep(0.02)
        self.assertIsNone(d.process.poll(), "it lives")

    def drain(self, raw):
        try:
            while True:
                raw.socket.recv(65536)
        except BlockingIOError:
            pass

    def test_every_step_is_on_its_frame_under_a_flood(self):
        with Daemon("--record", self.take) as d:
            self.ruler(d)
            self.flood(d, 1, QUIET_SEEDS, 5000)
            before = resident(d)
            self.flood(d, 2, QUIET_SEEDS, HARMLESS - 5000)
            grown = resident(d) - before
            status = d.status()
            print(f"\n{HARMLESS} packets: {status['bad_packets']} refused, memory +{grown} KiB")
            self.assertGreater(status["bad_packets"], HARMLESS // 2)
            self.assertLess(grown, MOST_GROWTH)
            self.assertTrue(status["running"])
            self.assertEqual(status["heals"], 0)
            d.ask("/panic")
        starts = onsets(read_wav(self.take)[1][:, 0])
        self.assertGreater(len(starts), 20)
        self.assertEqual(set(np.diff(starts)), {STEP})

    def test_whatever_was_sent_it_can_be_played_again(self):
        with Daemon() as d:
            self.ruler(d)
            shutil.copy(d.slot_file(1), self.folder)
            self.flood(d, 3, SEEDS + SLOW_SEEDS, 1000)
            self.flood(d, 4, SEEDS, 4000)
            before = resident(d)
            self.flood(d, 5, SEEDS, ANY - 5000)
            grown = resident(d) - before
            print(f"\n{ANY} packets: memory +{grown} KiB, {d.status()['heals']} heals")
            self.assertLess(grown, MOST_GROWTH)

            d.ask("/panic")
            shutil.copy(os.path.join(self.folder, "slot_001.json"), d.slot_file(1))
            d.ask("/pattern/load", 1)
            if d.ask("/engine/record/status").values[0]:
                d.ask("/engine/record/stop")
            time.sleep(0.5)  # what glides has arrived
            take = d.ask("/engine/record/start", "after.wav").values[0]
            d.ask("/seq/start")
            time.sleep(2.2)
            self.assertTrue(d.status()["running"])
            self.assertEqual([t["name"] for t in d.tracks()], ["ruler"])
            d.ask("/engine/record/stop")
            x = read_wav(take)[1]
        starts = onsets(x[:, 0])
        self.assertGreater(len(starts), 12)
        self.assertEqual(set(np.diff(starts)), {STEP})


if __name__ == "__main__":
    unittest.main(verbosity=2)
