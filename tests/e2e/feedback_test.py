"""What the daemon tells: levels and spectrum to a visualiser, values and documents to who asks."""

import json
import os
import re
import signal
import socket
import statistics
import struct
import subprocess
import sys
import time
import unittest

import liblo

from rig import Client, Daemon, Refused
from wire import RawClient, hint_words, pack


class Watcher:
    """Listens where a visualiser would."""

    def __init__(self):
        self.server = liblo.Server()
        self.port = self.server.port
        self.server.add_method(None, None, self._hear)
        self.heard = []

    def _hear(self, path, args, types, source):
        self.heard.append((time.monotonic(), path, types, list(args)))

    def listen(self, seconds):
        """The messages of that time, oldest first."""
        while self.server.recv(0):
            pass
        self.heard.clear()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.server.recv(20)
        return list(self.heard)


def hold(d, voice, hz, level):
    """A steady tone by hand."""
    for path, value in (("adsr/attack", 0.005), ("adsr/decay", 0.0), ("adsr/sustain", 1.0),
                        ("adsr/release", 0.01), ("filter/freq", 18000.0), ("freq", hz),
                        ("amp", level)):
        d.send(f"/mod/voice{voice}/{path}", value)
    d.send(f"/gate/voice{voice}", 1)


class Visuals(unittest.TestCase):
    def test_levels_and_spectrum_come_ten_times_a_second_whether_it_plays_or_not(self):
        watcher = Watcher()
        with Daemon("--voices", "5", viz_port=watcher.port):
            heard = watcher.listen(4.0)
        levels = [m for m in heard if m[1] == "/viz/levels"]
        spectra = [m for m in heard if m[1] == "/viz/spectrum"]
        self.assertEqual(len(levels) + len(spectra), len(heard), "nothing else")
        self.assertEqual({m[2] for m in levels}, {"f" * 5}, "one float a voice")
        self.assertEqual({m[2] for m in spectra}, {"f" * 8})
        self.assertLessEqual(abs(len(levels) - 40), 6)
        gaps = [b[0] - a[0] for a, b in zip(levels, levels[1:])]
        self.assertAlmostEqual(statistics.median(gaps), 0.1, delta=0.02)
        self.assertEqual([m[1] for m in heard[:2]], ["/viz/levels", "/viz/spectrum"])
        self.assertTrue(all(v == 0.0 for m in heard for v in m[3]), "silence is zeros")

    def test_levels_follow_the_voices_in_their_order(self):
        """Ten and more voices are not sorted as text."""
        watcher = Watcher()
        with Daemon("--voices", "12", viz_port=watcher.port) as d:
            for voice in (3, 11):
                hold(d, voice, 440.0, 0.5)
            watcher.listen(0.4)
            levels = [m[3] for m in watcher.listen(0.6) if m[1] == "/viz/levels"]
            self.assertGreater(len(levels), 2)
            for values in levels:
                self.assertEqual([i + 1 for i, v in enumerate(values) if v > 0.1], [3, 11])
                self.assertTrue(all(0.0 <= v <= 1.0 for v in values))
            d.send("/gate/voice3", 0)
            d.send("/gate/voice11", 0)
            watcher.listen(1.0)
            after = [m[3] for m in watcher.listen(0.5) if m[1] == "/viz/levels"]
            self.assertLess(max(max(v) for v in after), 0.1)

    def test_the_spectrum_shows_where_the_sound_is(self):
        """A tone at a band's centre makes that band the largest."""
        watcher = Watcher()
        bands = (63, 125, 250, 500, 1000, 2000, 4000, 8000)
        with Daemon(viz_port=watcher.port) as d:
            hold(d, 1, 63.0, 0.02)
            for i, hz in enumerate(bands):
                d.send("/mod/voice1/freq", float(hz))
                watcher.listen(0.3)
                spectrum = [m[3] for m in watcher.listen(0.25) if m[1] == "/viz/spectrum"][-1]
                self.assertEqual(spectrum.index(max(spectrum)), i, (hz, spectrum))
                self.assertTrue(all(0.0 <= v <= 1.0 for v in spectrum))

    def test_nobody_listening_harms_nothing(self):
        free = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        with Daemon(viz_port=port) as d:
            time.sleep(0.5)
            self.assertEqual(d.ask("/status").address, "/status")


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.addClassCleanup(cls.daemon.__exit__)

    def ask(self, *args):
        return self.daemon.ask(*args)

    def sent(self, address, tags="", *values, query=None):
        """What the parameter is after exactly these bytes."""
        with RawClient(self.daemon.port) as raw:
            raw.send(pack(address, tags, *values))
        return self.ask(query or address)[0]

    def test_every_parameter_answers_its_value_on_its_own_address(self):
        for address, node in self.daemon.params().items():
            value, told = self.ask(address)[0], node["VALUE"][0]
            if node["TYPE"] == "f":
                self.assertAlmostEqual(value, told, delta=1e-6 * abs(told), msg=address)
            else:
                self.assertEqual(value, told, address)

    def test_a_moved_control_is_answered_only_to_who_asks_for_it(self):
        client = Client(self.daemon.port)
        client.send("/mod/voice1/pan", 0.25)
        with self.assertRaises(TimeoutError):
            client.next(0.1)
        self.assertEqual(client.ask("/client/replies", 2).address, "/client/replies")
        told = client.ask("/mod/voice1/pan", 7.0)
        self.assertEqual(told.values, (1.0,), "what was applied")
        self.assertIn("clipped from 7", told.text)
        client.send("/client/replies", 0)
        client.send("/version")
        with self.assertRaises(TimeoutError):
            client.next(0.1)

    def test_numbers_of_every_kind_and_as_text_are_taken(self):
        address = "/mod/voice5/freq"
        for tags, value, expected in (("i", 300, 300.0), ("h", 301, 301.0), ("f", 302.5, 302.5),
                                      ("d", 303.25, 303.25), ("s", "304", 304.0),
                                      ("s", "305.5", 305.5), ("s", "3.06e2", 306.0),
                                      ("S", "307", 307.0), ("h", 10 ** 15, 20000.0),
                                      ("f", -5.0, 20.0), ("d", 1e30, 20000.0), ("s", "+308", 308.0)):
            with self.subTest(tags=tags, value=value):
                self.assertEqual(self.sent(address, tags, value), expected)
        self.assertEqual(self.sent("/mod/voice5/amp", "T"), 1.0)
        self.assertEqual(self.sent("/mod/voice5/amp", "F"), 0.0)
        self.assertEqual(self.sent(address, "f" + "s" * 5, 310.0, *"extra"), 310.0)
        self.assertEqual(self.sent(address, "N"), 310.0, "nil asks, and changes nothing")
        self.assertEqual(self.sent("/mod/voice5/osc/type", "s", "saw"), 1)
        self.assertEqual(self.sent("/mod/voice5/osc/type", "d", 2.0), 2)
        for tags in ("", "i", "f", "d", "h", "s", "T"):
            with self.subTest(gate=tags), RawClient(self.daemon.port) as raw:
                raw.send(pack("/gate/voice6", tags, *([] if tags in ("", "T") else
                                                      ["1"] if tags == "s" else [1])))
        self.assertEqual(self.ask("/version").address, "/version")

    def test_aliases_of_the_first_clients_reach_voice_1(self):
        for alias, address in (("/mod/sine1/freq", "freq"), ("/mod/filter1/freq", "filter/freq"),
                               ("/mod/filter1/q", "filter/q"), ("/mod/adsr1/attack", "adsr/attack"),
                               ("/mod/adsr1/decay", "adsr/decay"),
                               ("/mod/adsr1/sustain", "adsr/sustain"),
                               ("/mod/adsr1/release", "adsr/release")):
            with self.subTest(alias=alias):
                for value in ((220.0, 660.0) if alias.endswith("freq") else (0.5, 0.75)):
                    self.assertEqual(self.sent(alias, "f", value, query=f"/mod/voice1/{address}"),
                                     value)
                    self.assertEqual(self.ask(alias), [value])

    def test_gates_by_their_old_names_open_voice_1(self):
        for gate, voice in (("/gate/adsr1", 0), ("/gate/1", 0), ("/gate/voice3", 2),
                            ("/gate/acid1", 1)):
            with self.subTest(gate=gate), Daemon() as d:
                d.send(gate, 1)
                deadline = time.monotonic() + 3
                while d.status()["voices_db"][voice] < -40 and time.monotonic() < deadline:
                    time.sleep(0.02)
                levels = d.status()["voices_db"]
                self.assertEqual([i for i, db in enumerate(levels) if db > -100], [voice])

    def test_status_is_a_line_and_small_json(self):
        d = self.daemon
        d.ask("/seq/add", "t" * 60, "voice1", "X" * 256)
        for n in range(63):
            d.ask("/seq/add", f"track number {n}", "voice2", "x" * 64)
        answer = d.ask("/status")
        d.ask("/seq/clear")
        self.assertEqual(len(answer.values), 5)
        text = answer.values[4]
        self.assertLessEqual(len(text.encode()), 1024)
        told = json.loads(text)
        self.assertEqual(told["track_count"], 64)
        for key in ("running", "bar", "step", "bpm", "swing", "pending", "rev", "tracks",
                    "master_db", "voices_db", "device", "heals", "bad_packets", "store"):
            self.assertIn(key, told)
        self.assertEqual((told["device"]["kind"], told["device"]["state"], told["device"]["rate"]),
                         ("null", "running", 48000))

    def test_schema_parts_join_to_json_with_every_address(self):
        schema = json.loads(self.daemon.document("/schema"))
        found, nodes = set(), [schema]
        while nodes:
            node = nodes.pop()
            nodes.extend(node.get("CONTENTS", {}).values())
            found.add(node["FULL_PATH"])
        listed = self.daemon.document("/engine/list").split()
        self.assertGreater(len(listed), 200)
        self.assertEqual([a for a in listed if a not in found and not a.startswith("/gate/")], [])
        part = json.loads(self.daemon.document("/schema", "/mod/voice3"))
        self.assertEqual(list(part["CONTENTS"]["mod"]["CONTENTS"]), ["voice3"])
        self.assertEqual(json.loads(self.daemon.document("/engine/schema", "json")), schema)

    def test_version_tells_program_api_and_capabilities(self):
        program, major, minor, capabilities = self.ask("/version").values
        self.assertRegex(program, r"^\d+\.\d+\.\d+$")
        self.assertEqual((major, minor), (1, 0))
        self.assertRegex(capabilities, r"^:([a-z]+:)+$")

    def test_revision_rises_with_each_change_and_with_nothing_else(self):
        d = self.daemon
        before = d.status()["rev"]
        d.ask("/mod/voice1/freq")
        d.ask("/seq/list")
        d.ask("/pattern/list")
        self.assertEqual(d.status()["rev"], before)
        for change in (("/seq/bpm", 111.0), ("/seq/add", "x", "voice1", "X"), ("/seq/clear",)):
            rev = d.ask(*change).rev
            self.assertGreater(rev, before)
            before = rev


class Display(Client):
    """A client that subscribes and keeps what it is told."""

    def told(self, seconds):
        """What came in that time, without revisions, answers and what came before."""
        self.heard.clear()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.server.recv(10)
        return self.news()

    def news(self):
        """What came since, in order."""
        news = [m for m in self.heard if m[0] not in ("/rev", "/reply", "/error")]
        self.heard.clear()
        return news

    def subscribe(self, pattern, *terms):
        """The answer; what is told goes on being kept."""
        self.send("/subscribe", pattern, *terms)
        return self.answer("/subscribe")

    def answer(self, address):
        end = time.monotonic() + 5
        while time.monotonic() < end:
            self.server.recv(10)
            for i, (path, values) in enumerate(self.heard):
                if path in ("/reply", "/error") and values[0] == address:
                    del self.heard[i]
                    if path == "/error":
                        raise Refused(*values)
                    return values
        raise TimeoutError(address)

    def snapshot(self, seconds=0.5):
        """What was told from the subscription until it fell silent."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.server.recv(10):
                end = max(end, time.monotonic() + 0.1)
        return self.news()


class Raw(RawClient):
    """Bytes as they come, with the moment of each bundle."""

    def bundles(self, seconds):
        """(arrival, time tag in seconds since 1900, the bytes) of each packet that is a bundle."""
        end, found = time.time() + seconds, []
        while time.time() < end:
            self.socket.settimeout(max(0.001, end - time.time()))
            try:
                packet = self.socket.recv(65536)
            except TimeoutError:
                break
            if packet.startswith(b"#bundle\0"):
                tag = struct.unpack_from(">Q", packet, 8)[0]
                found.append((time.time() + 2208988800, tag / 2 ** 32, packet))
        return found


class Subscriptions(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.__exit__)

    def display(self, pattern, *terms):
        display = Display(self.daemon.port)
        display.subscribe(pattern, *terms)
        return display

    def test_first_all_then_changes_and_what_was_told_is_what_asking_answers(self):
        display = self.display("/mod", 200.0)
        belief = dict(display.snapshot())
        asked = {path: node["VALUE"] for path, node in self.daemon.params().items()}
        self.assertEqual(set(belief), set(asked))
        self.assertEqual(display.told(0.3), [], "nothing changes, nothing is told")
        for step in range(50):
            self.daemon.send("/mod/voice1/filter/freq", 100.0 + step)
            self.daemon.send(f"/mod/voice{step % 8 + 1}/pan", step / 50)
        self.daemon.send("/mod/lfo1/target", "voice3/amp")
        belief.update(display.told(0.5))
        for address in asked:
            self.assertEqual(belief[address], list(self.daemon.ask(address)), address)

    def test_an_author_hears_no_echo_by_whatever_address_it_spoke(self):
        display = self.display("/mod", 200.0)
        display.snapshot()
        display.send("/mod/voice1/filter/freq", 500.0)
        display.send("/mod/sine1/freq", 330.0)
        display.send("/seq/bpm", 133.0)
        self.assertEqual(display.told(0.3), [])
        display.send("/mod/voice1/pan", 7.0)
        self.assertEqual(display.told(0.3), [("/mod/voice1/pan", [1.0])], "it was clipped")
        self.daemon.send("/seq/bpm", 99.0)
        self.assertEqual(display.told(0.3), [("/mod/seq/bpm", [99.0])])

    def test_two_faders_on_one_value_end_up_alike(self):
        displays = [self.display("/mod/voice1/pan", 200.0) for _ in range(2)]
        values = [d.snapshot()[-1][1][0] for d in displays]
        for n in range(200):
            for i, display in enumerate(displays):
                display.send("/mod/voice1/pan", (n * (i + 1)) % 97 / 100)
                values[i] = (n * (i + 1)) % 97 / 100
                display.server.recv(n % 3)
                for _, told in display.news():
                    values[i] = told[0]
        for i, display in enumerate(displays):
            for _, told in display.snapshot(0.3):
                values[i] = told[0]
        held = self.daemon.ask("/mod/voice1/pan")[0]
        for value in values:
            self.assertAlmostEqual(value, held, places=6)

    def test_a_subscription_ends_in_time_unless_it_is_renewed(self):
        short, renewed = (self.display("/mod/voice1/pan", 30.0, 2) for _ in range(2))
        self.assertEqual(short.snapshot(0.2), renewed.snapshot(0.2))
        for n in range(6):
            time.sleep(0.5)
            renewed.send("/renew")
            self.assertEqual(renewed.answer("/renew")[6], 2, "seconds")
        self.daemon.send("/mod/voice1/pan", 0.5)
        self.assertEqual(short.told(0.3), [])
        self.daemon.send("/mod/voice1/pan", 0.25)
        self.assertEqual(renewed.snapshot(0.2)[-1:], [("/mod/voice1/pan", [0.25])])
        short.send("/renew")
        with self.assertRaises(Refused) as caught:
            short.answer("/renew")
        self.assertEqual(caught.exception.symbol, "NOT_FOUND")

    def test_every_step_is_told_once_in_order_and_stamped_with_its_moment(self):
        self.daemon.ask("/seq/bpm", 120.0)
        with Raw(self.daemon.port) as raw:
            raw.send(pack("/subscribe", "s", "/seq/position"))
            raw.bundles(0.3)
            self.daemon.ask("/seq/start")
            bundles = raw.bundles(4.0)
        steps = []
        for arrival, tag, packet in bundles:
            at = packet.index(b"/seq/position\0")
            bar, beat, step = struct.unpack_from(">iii", packet, at + 16 + 8)
            self.assertEqual(beat, (step - 1) // 4 + 1)
            steps.append((arrival, tag, (bar - 1) * 16 + step - 1))
        numbers = [s[2] for s in steps]
        self.assertGreaterEqual(len(numbers), 28, numbers)
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))
        gaps = [b[1] - a[1] for a, b in zip(steps[8:], steps[9:])]
        self.assertAlmostEqual(statistics.mean(gaps), 0.125, delta=0.001)
        self.assertLess(max(abs(g - 0.125) for g in gaps), 0.005, gaps)
        late = [arrival - tag for arrival, tag, _ in steps[8:]]
        self.assertLess(statistics.median(late), 0.03, "told soon after it was due")

    def test_tracks_transport_and_patterns_are_told_as_they_come_and_go(self):
        d, display = self.daemon, self.display("/seq")
        self.display("/pattern")
        display.subscribe("/pattern")
        display.snapshot()
        d.ask("/seq/add", "kick", "voice1", "X...")
        name, text = [m for m in display.told(0.3) if m[0] == "/seq/track"][0][1]
        self.assertEqual((name, json.loads(text)), ("kick", d.tracks()[0]))
        d.ask("/pattern/save", 3, "one kick")
        d.ask("/seq/clear")
        self.assertIn(("/seq/track", ["kick", ""]), display.told(0.3))
        d.ask("/seq/start")
        self.assertIn(("/seq/running", [1]), display.told(0.3))
        d.ask("/pattern/load", 3)
        told = display.told(3.0)
        applied = [m[1] for m in told if m[0] == "/pattern/applied"]
        self.assertEqual(len(applied), 1, told)
        self.assertEqual(applied[0][:2], [3, "one kick"])
        self.assertGreater(applied[0][2], 0)
        self.assertIn("kick", [m[1][0] for m in told if m[0] == "/seq/track"])
        d.ask("/seq/stop")
        self.assertIn(("/seq/running", [0]), display.told(0.3))

    def test_the_meter_is_one_blob_of_levels(self):
        hold(self.daemon, 3, 440.0, 0.5)
        with Raw(self.daemon.port) as raw:  # liblo's Python ends blobs at their first zero byte
            raw.send(pack("/subscribe", "sf", "/meter", 50.0))
            told = [packet for _, _, packet in raw.bundles(1.0)]
        self.assertGreater(len(told), 20)
        self.assertLessEqual(len(told), 51)
        size, version, count = struct.unpack_from(">iii", told[-1],
                                                  told[-1].index(b"/meter\0\0,b\0\0") + 12)
        self.assertEqual((size, version, count), (8 + 4 * (10 + 7 + 5 * 8), 1, 10))
        numbers = struct.unpack(">57f", told[-1][-4 * 57:])
        peaks, master = numbers[:10], numbers[10:17]
        voices = [numbers[n:n + 5] for n in range(17, 57, 5)]
        self.assertEqual([i for i, p in enumerate(peaks) if p > 0.1], [0, 1, 4])
        self.assertTrue(all(-30 < db < 0 for db in master[:6]), master)
        self.assertTrue(0 < master[6] <= 1, master)
        for n, levels in enumerate(voices):
            if n == 2:
                self.assertTrue(all(-30 < db < 0 for db in levels), levels)
            else:
                self.assertEqual(set(levels), {-200.0})

    def test_the_status_tells_how_loud_it_is(self):
        hold(self.daemon, 3, 440.0, 0.5)
        time.sleep(1.0)
        loudness = self.daemon.status()["loudness"]
        self.assertEqual(set(loudness), {"momentary", "short_term", "integrated", "rms",
                                         "true_peak", "limiter"})
        for name in ("momentary", "integrated", "rms", "true_peak"):
            self.assertTrue(-30 < loudness[name] < 0, loudness)
        self.assertLessEqual(loudness["limiter"], 0)

    def test_a_track_of_known_level_reads_as_theory_has_it(self):
        """A sine of amplitude a has a peak of 20 log a dB and an RMS 3.01 dB below; at 997 Hz as
        many LUFS, whichever way it is panned."""
        with Daemon() as d:
            for path, value in (("adsr/attack", 0.005), ("adsr/sustain", 1.0), ("amp", 0.25),
                                ("filter/freq", 20000.0), ("pan", 0.7)):
                d.send(f"/mod/voice3/{path}", value)
            d.ask("/seq/add", "tone", "voice3", "X" + "_" * 255, 997.0, "gate_frac=1",
                  "accent_boost=0")
            d.ask("/seq/add", "silent", "voice4", "....")
            d.ask("/seq/start")
            client = Client(d.port)
            client.ask("/subscribe", "/levels", 20.0)
            told, end = {}, time.monotonic() + 20  # until the window of 3 s is full of it
            while not told or abs(told["tone"][1] - told["tone"][0]) > 0.02:
                self.assertLess(time.monotonic(), end, told)
                path, args = client.next()
                if path == "/levels":
                    told = {args[n]: args[n + 1:n + 6] for n in range(0, len(args), 6)}
            self.assertEqual(list(told), ["", "tone", "silent"])
            answer = json.loads(d.ask("/levels").values[1])
            asked = {track["name"]: track for track in answer["tracks"]}["tone"]
            names = ("momentary", "short_term", "rms", "peak", "true_peak")
            for levels in (told["tone"], told[""], [asked[name] for name in names]):
                for level, wanted in zip(levels, (-15.05, -15.05, -15.05)):
                    self.assertAlmostEqual(level, wanted, delta=0.1, msg=levels)
            for levels in (told["tone"], [asked["peak"], asked["true_peak"]]):
                for level in levels[-2:]:
                    self.assertAlmostEqual(level, -12.04, delta=0.1, msg=levels)
            self.assertEqual(set(told["silent"]), {-200.0})
            self.assertEqual(asked["voices"], [3])
            self.assertEqual(answer["heard_s"], 3)

    def test_health_is_json_at_most_once_a_second(self):
        display = self.display("/engine/health", 200.0)
        told = display.told(3.2)
        self.assertLessEqual(len(told), 4)
        display.subscribe("/engine/health")
        health = json.loads(display.snapshot()[-1][1][0])
        self.assertEqual(health["device"]["kind"], "null")
        self.assertIn("heals", health)

    def test_what_there_is_not_is_refused_with_a_way_out(self):
        display = Display(self.daemon.port)
        for args, symbol in ((("/nothing",), "NO_MATCH"), (("",), None), (("seq",), None),
                             (("/mod/voice99",), "NO_MATCH"), (("/mod/[",), None),
                             (("/pattern/save",), "NO_MATCH"), (("/seq", "often"), "BAD_TYPE")):
            with self.subTest(args=args), self.assertRaises(Refused) as caught:
                display.subscribe(*args)
            self.assertIn(caught.exception.symbol, [symbol] if symbol else ["NO_MATCH", "BAD_TYPE"])
            address, words = hint_words(caught.exception.hint)
            self.assertEqual(display.ask(address, *words).address, address)
            display.ask("/unsubscribe")
        self.assertEqual(display.told(0.3), [])
        with self.assertRaises(Refused):
            display.ask("/unsubscribe", "/mod")

    def test_notify_is_everything_or_nothing(self):
        display = Display(self.daemon.port)
        display.send("/notify", 1)
        display.answer("/notify")
        told = {path for path, _ in display.snapshot(1.5)}
        self.assertLessEqual({"/seq/position", "/meter", "/engine/health", "/mod/seq/bpm"}, told)
        display.ask("/notify", 0)
        self.daemon.send("/mod/voice1/pan", 0.5)
        self.assertEqual(display.told(0.3), [])


class Connection:
    """A client of the Unix socket, SLIP frames and all; it reads when it is told to."""

    def __init__(self, daemon):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(os.path.join(daemon.runtime, "chronus",
                                         f"{daemon.process.pid}.socket"))
        self.bytes = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, packet):
        framed = packet.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc")
        self.socket.sendall(b"\xc0" + framed + b"\xc0")

    def packets(self, seconds=1.0):
        """All that comes in that time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                chunk = self.socket.recv(65536)
            except TimeoutError:
                break
            if not chunk:
                raise EOFError("the daemon hung up")
            self.bytes += chunk
        *whole, self.bytes = self.bytes.split(b"\xc0")
        return [frame.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb")
                for frame in whole if frame]


SLEEPER = """
import socket, sys
sys.path.insert(0, {folder!r})
from wire import pack
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
s.connect(("127.0.0.1", {port}))
s.send(pack("/subscribe", "sfi", "/*", 200.0, 3600))
print("there", flush=True)
while True:
    s.recv(65536)
"""

FLOODER = """
import socket, sys, time
sys.path.insert(0, {folder!r})
from wire import pack
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
s.connect(("127.0.0.1", {port}))
print("there", flush=True)
packets = [pack("/subscribe", "sfi", "/mod/voice%d" % (n % 8 + 1), 200.0, 3600) for n in range(31)]
packets.append(pack("/subscribe", "s", "//x*[a-z]?"))
while True:
    for packet in packets:
        s.send(packet)
    time.sleep(0.004)
"""


def resident(pid):
    """Bytes of memory."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


class Isolation(unittest.TestCase):
    def start(self, program, port):
        process = subprocess.Popen(
            [sys.executable, "-c", program.format(folder=os.path.dirname(__file__) or ".",
                                                  port=port)],
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        process.stdout.readline()
        return process

    def delays(self, daemon, display, count=100, others=()):
        """From somebody's change to the display, in seconds; other parameters change with it."""
        found = []
        for n in range(count):
            value = 100.0 + n
            if others:
                daemon.client.bundle(*((address, n % 100 / 100) for address in others))
            sent = time.monotonic()
            daemon.send("/mod/voice1/filter/freq", value)
            while True:
                self.assertLess(time.monotonic() - sent, 5)
                display.server.recv(20)
                if ("/mod/voice1/filter/freq", [value]) in display.news():
                    break
            found.append(time.monotonic() - sent)
            time.sleep(0.006)
        return statistics.median(found)

    def test_a_connection_that_does_not_read_is_kept_and_told_the_latest(self):
        address = b"/mod/voice1/filter/freq\0"
        with Daemon() as daemon, Connection(daemon) as idle:
            idle.send(pack("/subscribe", "sf", "/*", 200.0))
            time.sleep(0.5)
            display = Display(daemon.port)
            display.subscribe("/mod/voice1/filter/freq", 200.0, 600)
            display.snapshot()
            many = [f"/mod/voice{v}/{p}" for v in range(1, 9)
                    for p in ("pan", "amp", "drive", "send/reverb", "send/delay", "adsr/sustain")]
            self.delays(daemon, display, 200, many)
            rss = resident(daemon.process.pid)
            self.assertLess(self.delays(daemon, display, 800, many), 0.01)
            self.assertLess(resident(daemon.process.pid) - rss, 1 << 20, "nothing piles up")
            daemon.send("/mod/voice1/filter/freq", 4321.0)
            last = [p for p in idle.packets() if address in p][-1]
            value = struct.unpack_from(">f", last, last.index(address) + 24 + 4)[0]
            self.assertEqual(value, 4321.0)
            idle.send(pack("/version"))
            self.assertTrue(any(b"/version" in p for p in idle.packets()), "and still served")

    def test_who_sleeps_floods_or_vanishes_delays_nobody_by_5_ms(self):
        with Daemon() as daemon:
            display = Display(daemon.port)
            display.subscribe("/mod/voice1/filter/freq", 200.0, 600)
            display.snapshot()
            alone = self.delays(daemon, display)
            sleepers = [self.start(SLEEPER, daemon.port) for _ in range(8)]
            for sleeper in sleepers[:4]:
                sleeper.send_signal(signal.SIGSTOP)
            for sleeper in sleepers[4:]:
                sleeper.kill()
            self.assertLess(self.delays(daemon, display), alone + 0.005)
            flooder = self.start(FLOODER, daemon.port)
            flooded = self.delays(daemon, display)
            flooder.kill()
            self.assertLess(flooded, alone + 0.005)
            self.assertEqual(daemon.ask("/version").address, "/version")


class Interop(unittest.TestCase):
    def test_oscsend_plays_it_and_oscdump_hears_it(self):
        """Tools of liblo's making, as people have them."""
        taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        taken.close()
        dump = subprocess.Popen(["stdbuf", "-oL", "oscdump", str(port)], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            with Daemon(viz_port=port) as d:
                for words in (("/seq/bpm", "f", "140"), ("/mod/voice1/osc/type", "s", "square"),
                              ("/seq/add", "sssff", "kick", "voice1", "X.x.", "55", "200"),
                              ("/mod/voice1/amp", "d", "0.5"), ("/gate/voice1", "T"),
                              ("/seq/start",)):
                    subprocess.run(["oscsend", "localhost", str(d.port), *words], check=True)
                self.assertEqual(d.ask("/mod/seq/bpm"), [140.0])
                self.assertEqual(d.ask("/mod/voice1/osc/type"), [2.0])
                self.assertEqual(d.ask("/mod/voice1/amp"), [0.5])
                self.assertEqual(d.tracks()[0]["pattern"], "X.x.")
                self.assertTrue(d.status()["running"])
                time.sleep(0.5)
        finally:
            dump.terminate()
        lines = dump.communicate(timeout=10)[0].splitlines()
        levels = [line for line in lines if "/viz/levels ffffffff " in line]
        self.assertGreaterEqual(len(levels), 3, lines[:5])
        self.assertTrue(any(re.search(r"/viz/spectrum f{8} ", line) for line in lines))
        self.assertTrue(any(float(line.split()[3]) > 0.01 for line in levels), "voice 1 is heard")


if __name__ == "__main__":
    unittest.main(verbosity=2)
