"""What the daemon tells: levels and spectrum to a visualiser, values and documents to who asks."""

import json
import re
import socket
import statistics
import subprocess
import time
import unittest

import liblo

from rig import Client, Daemon, Refused
from wire import RawClient, pack


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
