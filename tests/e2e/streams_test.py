"""The same daemon over its Unix socket and over TCP, spoken to by bytes of our own making."""

import os
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import unittest

import rig
from rig import Daemon
from wire import RawClient, bundle, pack

END, ESC = b"\xc0", b"\xdb"


def slip(packet):
    return END + packet.replace(ESC, ESC + b"\xdd").replace(END, ESC + b"\xdc") + END


def prefixed(packet):
    return struct.pack(">i", len(packet)) + packet


def unslip(stream):
    """The packets of a stream, and the bytes behind its last END."""
    *whole, rest = stream.split(END)
    return [p.replace(ESC + b"\xdc", END).replace(ESC + b"\xdd", ESC) for p in whole if p], rest


def unprefix(stream):
    packets = []
    while len(stream) >= 4 and len(stream) >= 4 + struct.unpack(">i", stream[:4])[0]:
        size = struct.unpack(">i", stream[:4])[0]
        packets.append(stream[4:4 + size])
        stream = stream[4 + size:]
    return packets, stream


FRAMINGS = {"slip": (slip, unslip), "length": (prefixed, unprefix)}


def socket_of(d):
    return os.path.join(d.runtime, "chronus", f"{d.process.pid}.socket")


class Stream:
    """One connection to a daemon: "unix" or "tcp"."""

    def __init__(self, d, kind, framing):
        self.frame, self.unframe = FRAMINGS[framing]
        if kind == "unix":
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(socket_of(d))
        else:
            self.socket = socket.create_connection(("127.0.0.1", d.port))
        self.socket.settimeout(5)
        self.rest, self.packets = b"", []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, packet):
        self.socket.sendall(self.frame(packet))

    def next(self):
        """The next packet; None at the end of the stream."""
        while not self.packets:
            read = self.socket.recv(65536)
            if not read:
                return None
            self.packets, self.rest = self.unframe(self.rest + read)
        return self.packets.pop(0)

    def ask(self, *message):
        """The bytes of the /reply or /error that answers; what else comes is passed over."""
        self.send(pack(*message))
        while True:
            packet = self.next()
            if packet is None or packet.startswith((b"/reply", b"/error")):
                return packet


class Streams(unittest.TestCase):
    ways = [(kind, framing) for kind in ("unix", "tcp") for framing in FRAMINGS]

    def test_every_way_in_gives_the_answer_that_udp_gives(self):
        with Daemon() as d:
            raw = RawClient(d.port)
            self.addCleanup(raw.socket.close)
            raw.socket.settimeout(5)
            for question in (("/version",), ("/seq/list",), ("/nosuch",), ("/seq/bpm", "s", "x")):
                raw.send(pack(*question))
                expected = raw.socket.recv(65536)
                for way in self.ways:
                    with self.subTest(question, way=way), Stream(d, *way) as stream:
                        self.assertEqual(stream.ask(*question), expected)

    def test_a_bundle_over_the_size_of_a_datagram_is_heard_whole(self):
        with Daemon() as d:
            # An argument too many is passed over: it makes the packet large.
            large = pack("/mod/voice1/freq", "fb", 330.0, b"\xc0" * 240)
            for hz, way in enumerate(self.ways, 220):
                packet = bundle(*[large] * 200, pack("/mod/voice1/freq", "f", hz))
                self.assertGreater(len(packet), 50_000)
                with self.subTest(way=way), Stream(d, *way) as stream:
                    stream.send(packet)
                    stream.send(pack("/mod/voice1/freq"))
                    self.assertEqual(stream.next(), pack("/mod/voice1/freq", "f", hz))

    def test_a_wrong_length_is_answered_and_ends_the_connection(self):
        with Daemon() as d, Stream(d, "tcp", "length") as stream:
            stream.socket.sendall(b"GET / HTTP/1.1\r\n\r\n")
            self.assertIn(b"TOO_BIG", stream.next())
            self.assertIsNone(stream.next())
            self.assertEqual(d.ask("/version").address, "/version")

    def test_after_a_broken_slip_frame_the_next_is_answered(self):
        for kind in ("unix", "tcp"):
            with Daemon() as d, Stream(d, kind, "slip") as stream:
                stream.socket.sendall(END + ESC + b"x" + END)
                self.assertIn(b"CORRUPT", stream.next())
                self.assertIn(b"/version", stream.ask("/version"))

    def test_a_shell_that_says_its_last_and_waits_gets_its_answer(self):
        with Daemon() as d:
            for way in self.ways:
                with Stream(d, *way) as stream:
                    stream.send(pack("/version"))
                    stream.socket.shutdown(socket.SHUT_WR)
                    self.assertIn(b"/version", stream.next())
                    self.assertIsNone(stream.next())

    def test_in_a_flood_of_datagrams_the_unix_socket_answers(self):
        with Daemon() as d, Stream(d, "unix", "slip") as stream:
            stop = threading.Event()

            def flood():
                raw = RawClient(d.port)
                packet = pack("/version")
                while not stop.is_set():
                    try:
                        raw.send(packet)
                    except OSError:
                        pass
                raw.socket.close()
            thread = threading.Thread(target=flood)
            thread.start()
            try:
                for _ in range(200):
                    self.assertIn(b"/seq/list", stream.ask("/seq/list"))
            finally:
                stop.set()
                thread.join()

    def test_who_asks_for_much_and_reads_nothing_stops_nobody_else(self):
        with Daemon() as d, Stream(d, "tcp", "length") as stalled, \
                Stream(d, "unix", "slip") as lively:
            stalled.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            stalled.socket.setblocking(False)
            try:
                for _ in range(20_000):  # until even what it asks is not read any more
                    stalled.send(pack("/schema"))
            except BlockingIOError:
                pass
            for _ in range(50):
                self.assertIn(b"/version", lively.ask("/version"))


class Ctl(unittest.TestCase):
    """chronusctl and the announcement it goes by."""

    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.__exit__)
        runtime = tempfile.TemporaryDirectory()
        self.addCleanup(runtime.cleanup)
        self.runtime = runtime.name
        os.mkdir(os.path.join(self.runtime, "chronus"), 0o700)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            self.closed = free.getsockname()[1]

    def announce(self, **told):
        """As a daemon with our process id would."""
        with open(os.path.join(self.runtime, "chronus", str(os.getpid())), "w") as file:
            for key, value in {"pid": os.getpid(), "host": "127.0.0.1", "state": "/",
                               **told}.items():
                file.write(f"{key} {value}\n")

    def ctl(self, *words):
        done = subprocess.run([rig.CHRONUSCTL, *words, "--json"], capture_output=True, text=True,
                              env=dict(os.environ, XDG_RUNTIME_DIR=self.runtime), timeout=20)
        return done.returncode

    def test_the_socket_is_taken_before_the_port(self):
        self.announce(port=self.closed, socket=socket_of(self.daemon))
        self.assertEqual(self.ctl("status"), 0)
        self.assertEqual(self.ctl("status", "--udp"), 2)
        self.assertEqual(self.ctl("status", "--tcp"), 2)
        self.assertEqual(self.ctl("status", "--port", str(self.closed)), 2)

    def test_without_a_socket_that_answers_the_port_is_taken(self):
        dead = os.path.join(self.runtime, "dead")
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(dead)
        for told in ({}, {"socket": "/nowhere"}, {"socket": dead}, {"socket": "/" + "x" * 200}):
            self.announce(port=self.daemon.port, **told)
            self.assertEqual(self.ctl("status"), 0, told)

    def test_tcp_and_udp_are_taken_when_asked_for(self):
        self.announce(port=self.daemon.port)
        for words in (("--udp",), ("--tcp",), ("--tcp", "--port", str(self.daemon.port))):
            self.assertEqual(self.ctl(*words, "status"), 0, words)
        self.assertEqual(self.ctl("--udp", "--tcp", "status"), 64)

    def test_what_a_killed_daemon_left_is_cleared_away(self):
        killed = Daemon()
        self.addCleanup(killed.__exit__)
        killed.process.send_signal(signal.SIGKILL)
        killed.process.wait()
        self.assertTrue(os.path.exists(socket_of(killed)))
        self.runtime = killed.runtime
        self.assertEqual(self.ctl("status"), 2)
        self.assertEqual(os.listdir(os.path.join(killed.runtime, "chronus")), [])


if __name__ == "__main__":
    unittest.main()
