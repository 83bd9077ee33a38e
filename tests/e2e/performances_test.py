"""Performances by chance on a real daemon, over real sockets: each sounds the same again.

CHRONUS_PERFORMANCES says how many (4), CHRONUS_SEED which ones (1 and on).
"""

import json
import os
import random
import time
import unittest

from rig import Daemon
from streams_test import Stream
from wire import RawClient, bundle, pack

COUNT = int(os.environ.get("CHRONUS_PERFORMANCES", "4"))
FIRST_SEED = int(os.environ.get("CHRONUS_SEED", "1"))
SECONDS = (2.2, 4.0)
WHENS = ("now", "step+1", "beat+1", "bar+1")
NTP_OF_UNIX = 2208988800


def time_tag(seconds_from_now):
    return int((time.time() + NTP_OF_UNIX + seconds_from_now) * 2 ** 32)


class Performer:
    """Three clients at once, who do by chance all that can be heard."""

    def __init__(self, seed):
        self.chance = random.Random(seed)

    def pattern(self):
        return "".join(self.chance.choice("X.x.o...") for _ in range(8)) + "x"

    def plain(self):
        """A command that one message says."""
        pick = self.chance.choice
        track, voice = f"t{pick(range(5))}", f"voice{pick(range(1, 9))}"
        slot = pick(range(1, 4))
        amount = self.chance.random()
        return pick((
            lambda: ("/seq/add", "sss", track, voice, self.pattern()),
            lambda: ("/seq/update/pattern", "ss", track, self.pattern()),
            lambda: ("/seq/update/notes", "ss", track, "C2, E3, G2"),
            lambda: ("/seq/remove", "s", track),
            lambda: ("/seq/mute", "si", track, pick((0, 1))),
            lambda: ("/seq/bpm", "f", self.chance.uniform(90, 240)),
            lambda: ("/mod/voice1/amp", "f", amount),
            lambda: (f"/mod/{voice}/filter/cutoff", "f", 100 + 8000 * amount),
            lambda: ("/mod/reverb1/mix", "f", amount),
            lambda: ("/mod/delay1/mix", "f", amount),
            lambda: (f"/gate/{voice}", "i", pick((0, 1))),
            lambda: ("/pattern/save", "i", slot),
            lambda: ("/pattern/load", "i", slot),
            lambda: (pick(("/undo", "/redo")),),
            lambda: ("/snapshot/take",),
            self.of_the_set, self.of_the_set, self.of_the_set,
        ))()

    def of_the_set(self):
        pick = self.chance.choice
        return pick((
            lambda: ("/setlist/switch", "ss", pick(("next", "prev", "one", "two", "three")),
                     pick(WHENS)),
            lambda: ("/setlist/switch", "is", pick((1, 2, 3)), pick(WHENS)),
            lambda: ("/setlist/auto", "i", pick((0, 1))),
            lambda: ("/setlist/open", "s", "gig"),
        ))()

    def packet(self):
        kind = self.chance.randrange(12)
        if kind == 0:
            return bundle(*(pack(*self.plain()) for _ in range(3)))
        if kind == 1:
            early_or_late = self.chance.uniform(-0.02, 0.2)
            return bundle(*(pack(*self.plain()) for _ in range(2)),
                          timetag=time_tag(early_or_late))
        if kind == 2:
            address, *rest = self.plain()
            tags, values = (rest[0], rest[1:]) if rest else ("", ())
            return pack("/at", "ss" + tags, self.chance.choice(WHENS), address, *values)
        if kind == 3 and self.chance.randrange(10) == 0:
            return pack("/panic")
        return pack(*self.plain())

    def perform(self, daemon):
        seconds = self.chance.uniform(*SECONDS)
        with Stream(daemon, "unix", "slip") as local, Stream(daemon, "tcp", "length") as tcp, \
                RawClient(daemon.port) as udp:
            ways = (local.send, tcp.send, udp.send)
            daemon.ask("/seq/start")
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                self.chance.choice(ways)(self.packet())
                time.sleep(self.chance.uniform(0, 0.04))
            daemon.ask("/seq/start")  # where a panic or the set's end has stopped it
            daemon.ask("/panic")      # and nothing comes later


class Performances(unittest.TestCase):
    def make_set(self, daemon):
        daemon.send("/client/replies", 2)
        for slot, song in enumerate(("one", "two", "three"), 1):
            daemon.ask("/seq/add", f"t{slot}", f"voice{slot}", "X.x.X..x")
            daemon.ask("/seq/bpm", 120.0 + 40 * slot)
            daemon.ask("/pattern/save", slot)
        daemon.ask("/setlist/new", "gig")
        for slot, song in enumerate(("one", "two", "three"), 1):
            daemon.ask("/setlist/add", "gig", song, slot)
            daemon.ask("/setlist/part", "gig", song, 4 - slot, 1)
            daemon.ask("/setlist/part", "gig", song, 0, 1)
        daemon.ask("/setlist/override", "gig", "two", "voice1/amp", 0.4)
        daemon.ask("/setlist/open", "gig")
        daemon.ask("/setlist/auto", 1)

    def kept(self, daemon):
        """What was kept of performances, the first one first."""
        told = json.loads(daemon.ctl("--json", "history", "list", "limit=400").stdout)
        return sorted((each for each in told if each["kind"] == "performance"),
                      key=lambda each: each["id"])

    def seconds_of(self, daemon, execution):
        """So many seconds were compared, and all are equal."""
        done = daemon.ctl("--json", "replay", str(execution), check=False)
        self.assertEqual(done.returncode, 0, f"execution {execution}: {done.stdout}{done.stderr}")
        report = json.loads(done.stdout)
        report = report if "compared" in report else json.loads(report["document"])
        compared = report["compared"]
        self.assertEqual(compared["equal"], compared["seconds"], f"execution {execution}")
        return compared["seconds"]

    def test_each_sounds_the_same_again(self):
        """An engine plays ten of them one after the other, and the next one ten more."""
        performed = seconds = 0
        while performed < COUNT:
            with Daemon() as daemon:
                self.make_set(daemon)
                more = min(10, COUNT - performed)
                for seed in range(FIRST_SEED + performed, FIRST_SEED + performed + more):
                    with self.subTest(seed=seed):
                        Performer(seed).perform(daemon)
                kept = self.kept(daemon)
                self.assertGreaterEqual(len(kept), more)
                for each in kept:
                    with self.subTest(first_seed=FIRST_SEED + performed, execution=each["id"]):
                        seconds += self.seconds_of(daemon, each["id"])
                performed += more
        print(f"{performed} performances from seed {FIRST_SEED} on: {seconds} seconds compared")
        self.assertGreaterEqual(seconds, COUNT)


if __name__ == "__main__":
    unittest.main(verbosity=2)
