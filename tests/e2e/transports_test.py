"""One law for every way in: the same calls get the same answers and leave the same state."""

import json
import os
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
import unittest

from rig import Daemon, kick
from streams_test import END, ESC, FRAMINGS, Stream
from wire import RawClient, bundle, pack

WAYS = (("unix", "slip"), ("unix", "length"), ("tcp", "slip"), ("tcp", "length"))


class Datagrams(RawClient):
    """UDP with the face of a stream."""

    def __init__(self, daemon):
        super().__init__(daemon.port)
        self.socket.settimeout(5)

    def next(self):
        return self.socket.recv(65536)


def open_way(daemon, way):
    return Datagrams(daemon) if way == "udp" else Stream(daemon, *way)


NAN = float("nan")
# What is sent, one packet after the other. Each is followed by a /sync, which ends its answers.
CALLS = (
    pack("/client/replies", "i", 2),
    pack("/version"),
    pack("/seq/bpm", "f", 133.0),
    pack("/seq/bpm", "s", "134.5"),
    pack("/seq/bpm", "f", 1e9),
    pack("/seq/bpm", "s", "fast"),
    pack("/seq/bpm", "f", NAN),
    pack("/seq/bpm"),
    pack("/seq/swing", "d", 0.25),
    pack("/seq/add", "sss", "kick", "voice1", "X..."),
    pack("/seq/add", "sssff", "hat", "2", "x.x.", 440.0, 5000.0),
    pack("/seq/add", "sss", "bad", "voice99", "X..."),
    pack("/seq/add", "sss", "bad", "voice1", "X.(."),
    pack("/seq/add", "s", "bad"),
    pack("/seq/set", "sss", "kick", "pan", "0.5"),
    pack("/seq/set", "ssf", "kick", "nosuch", 0.5),
    pack("/seq/mute", "si", "hat", 1),
    pack("/seq/update/pattern", "ss", "gone", "X"),
    pack("/seq/update/notes", "ss", "kick", "C2, E2"),
    pack("/seq/remove", "s", "nobody"),
    pack("/seq/list"),
    pack("/mod/voice1/pan", "f", 0.25),
    pack("/mod/voice1/pan", "f", 7.0),
    pack("/mod/voice1/pan"),
    pack("/mod/voice1/pan", "s", "left"),
    pack("/mod/voice1/pna", "f", 0.25),
    pack("/mod/voice*/amp", "f", 0.5),
    pack("/mod/voice9*/amp", "f", 0.5),
    pack("/gate/voice1", "T"),
    pack("/gate/voice1", "F"),
    pack("/nosuch"),
    pack("/pattern/save", "iss", 3, "three", "tag"),
    pack("/pattern/save", "i", 500),
    pack("/pattern/info", "i", 3),
    pack("/pattern/load", "i", 99),
    pack("/pattern/load", "i", 3),
    pack("/pattern/copy", "ii", 3, 4),
    pack("/pattern/delete", "ii", 3, 4),
    pack("/pattern/delete", "i", 4),
    pack("/undo"),
    pack("/req", "sss", "id 1", "/seq/bpm", "140"),
    pack("/req", "sss", "id 1", "/seq/bpm", "141"),
    pack("/req", "s", "id 2"),
    pack("/at", "sss", "never", "/seq/bpm", "100"),
    pack("/base", "i", 1),
    bundle(pack("/seq/bpm", "f", 99.0), pack("/mod/voice2/pan", "f", 0.75), pack("/seq/bpm")),
    bundle(pack("/seq/bpm", "f", 98.0), pack("/seq/add", "s", "bad")),
    bundle(bundle(pack("/mod/voice3/pan", "f", 0.125)), pack("/engine/stop")),
    pack("/engine/list"),
    pack("/schema", "s", "/mod/voice1"),
    pack("/reply", "s", "/version"),
    pack("/panic"),
)
# What the gate refuses: told once a second, so each comes from a client of its own.
REFUSED = (
    b"/version\0\0\0\0,\0\0",
    b"version\0,\0\0\0",
    b"/version\0\0\0\1,\0\0\0",
    b"/x\0\0,s\0\0\xff\xfe\0\0",
    b"/x\0\0,b\0\0\x7f\xff\xff\xff",
    b"/x\0\0,q\0\0",
    b"#bundle\0\0\0\0\0\0\0\0\1\0\0\0\x08/x\0\0",
    bundle(bundle(bundle(bundle(bundle(pack("/version")))))),
    bundle(*[pack("/version")] * 257),
    pack("/x", "i" * 65, *range(65)),
    pack("/seq/bpm", "f", NAN),
    pack("/x", "s", "y" * 4100),
)


def told(client, packet):
    """All the answers, without what differs from run to run."""
    client.send(packet)
    client.send(pack("/sync", "i", 1))
    answers = []
    while not (answer := client.next()).startswith(b"/synced\0"):
        answers.append(re.sub(rb"\d{4}-\d\d-\d\dT[0-9:.]+Z?|\d{10,}", b"(time)", answer))
    return answers


class EveryWay(unittest.TestCase):
    def play(self, way):
        with Daemon() as d:
            with open_way(d, way) as client:
                answers = [told(client, packet) for packet in CALLS]
            with open_way(d, way) as client:
                client.send(b"")  # of a stream nothing, of datagrams one that is empty
            for packet in REFUSED:
                with open_way(d, way) as client:
                    if len(packet) % 4 and way != "udp" and way[1] == "length":
                        packet = b""  # a length that is no multiple of 4 ends the connection
                        client.socket.close()
                    else:
                        answers.append(told(client, packet))
            slots = os.path.join(d.state, "patterns", "slots")
            state = (d.values(), d.tracks(), sorted(os.listdir(slots)),
                     d.ask("/seq/status").values, d.ask("/next").values)
        return answers, json.dumps(state)

    def test_the_same_calls_have_the_same_answers_and_end(self):
        expected, state = self.play("udp")
        refused = sum(any(b"/error" in a for a in answers) for answers in expected)
        self.assertEqual(refused, 20 + len(REFUSED), "a third and more are bad")
        by_way = {}
        for way in WAYS:
            answers, by_way[way] = self.play(way)
            skipped = {i for i, p in enumerate(REFUSED) if len(p) % 4 and way[1] == "length"}
            wanted = expected[:len(CALLS)] + [
                e for i, e in enumerate(expected[len(CALLS):]) if i not in skipped]
            for sent, want, got in zip([*CALLS, *REFUSED], wanted, answers, strict=False):
                with self.subTest(way=way, sent=sent[:60]):
                    self.assertEqual(got, want)
            self.assertEqual(len(answers), len(wanted))
        self.assertEqual(set(by_way.values()), {state})


class Broken(unittest.TestCase):
    """What goes wrong on a stream is its own matter: others are served, and nothing is changed."""

    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.__exit__)
        kick(self.daemon)
        self.before = self.daemon.values(), self.daemon.tracks()

    def tearDown(self):
        self.assertEqual((self.daemon.values(), self.daemon.tracks()), self.before)

    def test_a_frame_in_pieces_is_a_frame(self):
        for way in WAYS:
            with self.subTest(way), Stream(self.daemon, *way) as stream:
                for byte in stream.frame(pack("/version")):
                    stream.socket.sendall(bytes([byte]))
                    time.sleep(0.001)
                self.assertIn(b"/version", stream.next())

    def test_a_frame_too_big_is_told_at_its_first_wrong_byte(self):
        for way in WAYS:
            with self.subTest(way), Stream(self.daemon, *way) as stream:
                try:
                    stream.send(pack("/x", "b", b"y" * 70_000))
                except (BrokenPipeError, ConnectionResetError):
                    pass  # a wrong length ends the connection
                self.assertIn(b"TOO_BIG\0", stream.next())
                if way[1] == "slip":
                    self.assertIn(b"/version", stream.ask("/version"))

    def test_garbage_harms_nobody(self):
        dice = __import__("random").Random(6)
        for way in WAYS:
            for _ in range(20):
                with Stream(self.daemon, *way) as stream:
                    try:
                        stream.socket.sendall(dice.randbytes(dice.randrange(1, 5000)))
                        stream.socket.shutdown(socket.SHUT_WR)
                        while stream.socket.recv(65536):
                            pass
                    except (BrokenPipeError, ConnectionResetError):
                        pass
        self.assertEqual(self.daemon.ask("/version").address, "/version")

    def test_who_goes_in_the_midst_of_a_frame_has_said_nothing(self):
        for way in WAYS:
            with Stream(self.daemon, *way) as stream:
                stream.send(pack("/version"))
                self.assertIn(b"/version", stream.next())
                stream.socket.sendall(stream.frame(pack("/seq/clear"))[:-2])
        for _ in range(100):  # and leave no descriptor behind
            if len(os.listdir(f"/proc/{self.daemon.process.pid}/fd")) < 40:
                break
            time.sleep(0.01)
        self.assertEqual(self.daemon.ask("/version").address, "/version")

    def test_who_stalls_in_the_midst_of_a_frame_holds_up_nobody(self):
        stalled = [Stream(self.daemon, *WAYS[n % 4]) for n in range(100)]
        for stream in stalled:
            self.addCleanup(stream.socket.close)
            stream.socket.sendall(stream.frame(pack("/seq/clear"))[:-1])
        for way in WAYS:
            with Stream(self.daemon, *way) as stream:
                self.assertIn(b"/version", stream.ask("/version"))
        stalled[0].socket.sendall(ESC + b"!" + END)  # the rest, wrong
        self.assertIn(b"CORRUPT\0", stalled[0].next())


FLOODER = """
import socket, sys, time
sys.path.insert(0, {folder!r})
from wire import RawClient, bundle, pack
with RawClient({port}) as raw:
    packet = bundle(*[pack("/schema")] * 256)
    while True:
        try:
            raw.send(packet)
        except OSError:
            pass
        time.sleep(0.001)
"""


class LongAnswers(unittest.TestCase):
    """More than a turn has time for, and a connection room."""

    MANY = 256

    def questions(self):
        return bundle(*[pack("/schema")] * self.MANY)

    def read_all(self, stream):
        """How many whole documents came, up to the answer of a /sync."""
        stream.socket.settimeout(60)
        parts = 0
        while not (answer := stream.next()).startswith(b"/synced\0"):
            parts += answer.startswith(b"/reply\0\0,sssiiis\0\0\0\0/schema")
        return parts

    def delays(self, daemon, client, count=150):
        """What the daemon does before it answers a question, of so many: seconds of its processor's
        time, which do not count what else the machine is busy with."""
        clock = ~daemon.process.pid << 3 | 2  # of another process, see clock_getcpuclockid(3)
        taken = []
        for _ in range(count):
            start = time.clock_gettime(clock)
            client.ask("/version")
            taken.append(time.clock_gettime(clock) - start)
            time.sleep(0.002)
        return sorted(taken)

    def assert_no_longer(self, meanwhile, alone, by=0.005):
        """On average, and for 19 in 20 questions; some kernels count in ticks of 4 ms, one of which may
        be in any question."""
        tick, most = 0.004, len(meanwhile) * 19 // 20
        self.assertLess(statistics.mean(meanwhile), statistics.mean(alone) + by)
        self.assertLess(meanwhile[most], alone[most] + by + tick)

    def test_who_reads_gets_all_of_it_in_order_and_delays_nobody_by_5_ms(self):
        with Daemon() as d:
            one = d.document("/schema")
            for way in WAYS:
                with self.subTest(way), Stream(d, *way) as stream, \
                        Stream(d, "unix", "slip") as lively:
                    alone = self.delays(d, lively)
                    stream.send(self.questions())
                    stream.send(pack("/sync", "i", 1))
                    got = []
                    reader = threading.Thread(target=lambda: got.append(self.read_all(stream)))
                    reader.start()
                    meanwhile = self.delays(d, lively)
                    reader.join()
                    self.assertEqual(got[0] % self.MANY, 0)
                    self.assertGreaterEqual(got[0] // self.MANY, len(one) // 1200)
                    self.assert_no_longer(meanwhile, alone)

    def test_who_does_not_read_is_served_when_it_does_and_delays_nobody_by_5_ms(self):
        with Daemon() as d, Stream(d, "unix", "slip") as lively:
            alone = self.delays(d, lively)
            idle = [Stream(d, *WAYS[n % 4]) for n in range(16)]
            for stream in idle:
                self.addCleanup(stream.socket.close)
                stream.send(self.questions())
                stream.send(pack("/sync", "i", 1))
            self.assert_no_longer(self.delays(d, lively), alone)
            self.assertGreaterEqual(self.read_all(idle[0]), self.MANY)

    def test_datagrams_full_of_questions_delay_nobody_by_5_ms(self):
        with Daemon() as d, Stream(d, "unix", "slip") as lively:
            alone = self.delays(d, lively)
            flooder = subprocess.Popen(
                [sys.executable, "-c", FLOODER.format(folder=os.path.dirname(__file__) or ".",
                                                      port=d.port)])
            self.addCleanup(flooder.wait)
            self.addCleanup(flooder.kill)
            time.sleep(0.3)
            self.assert_no_longer(self.delays(d, lively), alone)


if __name__ == "__main__":
    unittest.main(verbosity=2)
