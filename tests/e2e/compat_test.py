"""Clients of the original, unchanged, and every client people have: all play the same calls.

tests/files/compat/calls.txt holds the calls and what is true after each. Every client of
compat/clients.py plays all of it to a daemon of its own; what a client has no way to say, the plain
bytes say in its place. In the end all daemons are in the same state.
"""

import contextlib
import time
import unittest

from compat import calls, clients
from compat.stage import SOON, Stage
from rig import Daemon
from wire import RawClient, bundle, pack

STATES = {}


def state_after(kind):
    """The state a client leads to when it plays the whole file; it is played once."""
    if kind not in STATES:
        with contextlib.closing(Stage(kind)) as stage:
            played = calls.load()
            for call in played:
                stage.play(call)
            STATES[kind] = stage.state()
            print(f"{kind.name}: {stage.said_itself} of {len(played)} calls were its own")
            if kind is clients.Bytes:
                STATES["tags"] = stage.client.tags_heard
    return STATES[kind]


class EveryClient(unittest.TestCase):
    maxDiff = None

    def leads_to_the_same(self, kind):
        wanted, got = state_after(clients.Bytes), state_after(kind)
        for part in wanted:
            with self.subTest(part=part):
                self.assertEqual(got[part], wanted[part])

    def test_answers_hold_only_types_that_every_client_reads(self):
        """node-osc ends the program that hears any other."""
        state_after(clients.Bytes)
        self.assertLessEqual(STATES["tags"], set("ifsbTFN"))


class Bundles(unittest.TestCase):
    """Whatever the library that made them, and whenever they are for."""

    def bundles(self, kind):
        stage = Stage(kind)
        self.addCleanup(stage.close)

        def send(number, at):
            stage.client.bundle([calls.Call(f"/mod/voice1/freq f {number}", 0),
                                 calls.Call(f"/seq/bpm f {number}", 0)], at)

        def check_done(number):
            for address in ("/mod/voice1/freq", "/seq/bpm"):
                stage.check(calls.Call(f"/bundle s {kind.name}", 0), f"{address} {number}", None)

        def heard():
            while (got := stage.client.next(0.2)) is not None:
                yield got

        send(91, 0)
        check_done(91)
        self.assertEqual([(address, values[0]) for address, values in heard()],
                         [("/reply", "/seq/bpm")])
        late, end = [], time.monotonic() + SOON
        while not late and time.monotonic() < end:  # the daemon has to learn the time first
            send(92, time.time() - 0.5)
            check_done(92)
            late = [values for address, values in heard() if address == "/late"]
        self.assertEqual(late[0][:2], ["/mod/voice1/freq", ""])
        self.assertGreater(late[0][2], 0)
        at = time.time() + 1
        send(93, at)
        still = stage.value("/seq/bpm")
        self.assertTrue(still == 92 or time.time() >= at, "not before its time")
        check_done(93)
        self.assertGreater(time.time(), at - 0.1)


def add_tests(kind):
    name = kind.name.replace("-", "_")
    setattr(EveryClient, f"test_{name}_leads_to_the_state_that_the_original_had",
            lambda self: self.leads_to_the_same(kind))
    if hasattr(kind, "bundle"):
        setattr(Bundles, f"test_of_{name}", lambda self: self.bundles(kind))


for client in clients.ALL:
    add_tests(client)


class Original(unittest.TestCase):
    """What its clients do that is no single call."""

    def test_bundles_work_in_the_order_they_are_written(self):
        with Daemon() as d, RawClient(d.port) as raw:
            raw.send(bundle(pack("/seq/bpm", "f", 90.0), pack("/mod/voice1/freq", "f", 100.0),
                            bundle(pack("/seq/bpm", "f", 91.0)),
                            pack("/mod/voice1/freq", "f", 200.0)))
            self.assertEqual(d.ask("/mod/seq/bpm")[0], 91)
            self.assertEqual(d.ask("/mod/voice1/freq")[0], 200)

    def test_takes_follow_each_other_without_waiting_for_answers(self):
        """Its clients hear none, and a disk takes its time to end a take."""
        with Daemon() as d, RawClient(d.port) as raw:
            def wait_for(file):
                end = time.monotonic() + SOON
                while d.status()["recording"] != file and time.monotonic() < end:
                    time.sleep(0.01)
                self.assertEqual(d.status()["recording"], file)

            for name, ending in (("one", "/engine/record/stop"), ("two", "/engine/stop"),
                                 ("three", "/engine/record/stop")):
                raw.send(pack("/engine/record/start", "s", name))
                wait_for(name + ".wav")
                raw.send(pack(ending))
            raw.send(pack("/engine/record/start", "s", "four"))
            raw.send(pack("/engine/record/stop"))
            time.sleep(0.5)
            wait_for("")

    def test_a_burst_of_a_song_is_taken_whole(self):
        """The shipped songs send up to a hundred messages at once."""
        with Daemon() as d, RawClient(d.port) as raw:
            for n in range(1000):
                raw.send(pack("/mod/voice1/freq", "f", 100.0 + n))
                raw.send(pack("/gate/voice1", "i", int(n % 2 == 0)))
                if n % 100 == 99:
                    self.assertEqual(d.ask("/mod/voice1/freq")[0], 100 + n)
            self.assertEqual(d.status()["bad_packets"], 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
