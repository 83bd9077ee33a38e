"""Whatever is wrong is said once, in one sentence, with a way out, and harms nothing."""

import math
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import numpy as np

from rig import CHRONUSD, Client, Daemon, Refused, onsets, read_wav
from wire import RawClient, hint_words, pack

STEP = 6000  # frames of a sixteenth at 120 BPM

# What is sent, the symbol it is refused with, and what the sentence must name.
SLOTS = [(verb, (slot,), symbol, allowed)
         for verb in ("/pattern/load", "/pattern/save", "/pattern/info", "/pattern/delete",
                      "/pattern/backups", "/pattern/restore")
         for slot, symbol, allowed in ((0, "OUT_OF_RANGE", "1..128"), (129, "OUT_OF_RANGE", "1..128"),
                                       (-1, "OUT_OF_RANGE", "1..128"),
                                       (2 ** 31 - 1, "OUT_OF_RANGE", "1..128"),
                                       ("x", "BAD_TYPE", "number"),
                                       (1.5, "BAD_TYPE", "whole number"))]
FILES = [("/pattern/load", (77,), "NOT_FOUND", "1"), ("/pattern/info", (77,), "NOT_FOUND", "1"),
         ("/pattern/copy", (77, 78), "NOT_FOUND", "1"),
         ("/pattern/delete", (77,), "NOT_FOUND", "empty"),
         ("/pattern/restore", (77,), "NOT_FOUND", "backup"),
         ("/pattern/restore", (1, 12345), "NOT_FOUND", "backup"),
         ("/pattern/load", (13,), "CORRUPT", "slot 13"), ("/pattern/info", (13,), "CORRUPT", "13"),
         ("/pattern/copy", (13, 14), "CORRUPT", "slot 13"),
         ("/pattern/copy", (1, 129), "OUT_OF_RANGE", "1..128")]
NAMES = [("/gate/voice9", (1,), "OUT_OF_RANGE", "1..8"), ("/gate/voice0", (1,), "OUT_OF_RANGE", "1..8"),
         ("/gate/bell", (1,), "UNKNOWN_ADDRESS", "/gate/"),
         ("/mod/voice9/freq", (1.0,), "OUT_OF_RANGE", "1..8"),
         ("/mod/voice1/frequency", (1.0,), "UNKNOWN_ADDRESS", "/mod/voice1/freq"),
         ("/mod/voice1/frequency", (), "UNKNOWN_ADDRESS", "/mod/voice1/freq"),
         ("/mod/reverb/mix", (0.5,), "UNKNOWN_ADDRESS", "/mod/reverb1/mix"),
         ("/mod/voice1", (0.5,), "UNKNOWN_ADDRESS", "no such address"),
         ("/seq/ad", ("a", "voice1", "X"), "UNKNOWN_ADDRESS", "/seq/add"),
         ("/pattern/sav", (1,), "UNKNOWN_ADDRESS", "/pattern/save"),
         ("/", (), "UNKNOWN_ADDRESS", "no such address"),
         ("/seq/add", ("a", "voice9", "X..."), "OUT_OF_RANGE", "voice1..voice8"),
         ("/seq/add", ("a", "horn", "X..."), "OUT_OF_RANGE", "voice1..voice8"),
         ("/seq/add", ("a", "voice3", "X...", "gate_fraction=1"), "NOT_FOUND", "gate_frac"),
         ("/seq/set", ("ruler", "gate_fraction", 1.0), "NOT_FOUND", "gate_frac"),
         ("/seq/set", ("nobody", "gate_frac", 1.0), "NOT_FOUND", "ruler"),
         ("/seq/remove", ("nobody",), "NOT_FOUND", "ruler"),
         ("/seq/mute", ("nobody", 1), "NOT_FOUND", "ruler"),
         ("/seq/update/pattern", ("nobody", "X..."), "NOT_FOUND", "ruler"),
         ("/seq/update/notes", ("nobody", "C4"), "NOT_FOUND", "ruler")]
PATTERNS = [("/seq/add", ("a", "voice3", ""), "OUT_OF_RANGE", "256"),
            ("/seq/add", ("a", "voice3", "X" * 1000), "OUT_OF_RANGE", "256"),
            ("/seq/add", ("a", "voice3", "X..Z"), "BAD_TYPE", "4"),
            ("/seq/add", ("a", "voice3", "~X"), "BAD_TYPE", "1"),
            ("/seq/add", ("", "voice3", "X..."), "BAD_TYPE", "name"),
            ("/seq/add", ("n" * 200, "voice3", "X..."), "BAD_TYPE", "63"),
            ("/seq/update/pattern", ("ruler", "X..?"), "BAD_TYPE", "4"),
            ("/seq/update/pattern", ("ruler", ""), "OUT_OF_RANGE", "256"),
            ("/seq/set", ("ruler", "len", 0), "OUT_OF_RANGE", "1..256"),
            ("/seq/set", ("ruler", "len", 1000), "OUT_OF_RANGE", "1..256"),
            ("/seq/set", ("ruler", "pan", "left"), "BAD_TYPE", "number"),
            ("/seq/update/notes", ("ruler", "C4,H9"), "BAD_TYPE", "H9"),
            ("/seq/update/notes", ("ruler", "99999"), "OUT_OF_RANGE", "20000")]
VALUES = [("/mod/voice1/freq", ("high",), "BAD_TYPE", "number"),
          ("/mod/voice1/freq", ("nan",), "OUT_OF_RANGE", "finite"),
          ("/mod/voice1/freq", ("inf",), "OUT_OF_RANGE", "finite"),
          ("/mod/voice1/freq", ("-inf",), "OUT_OF_RANGE", "finite"),
          ("/mod/voice1/osc/type", (99,), "OUT_OF_RANGE", "sine"),
          ("/mod/voice1/osc/type", (-1,), "OUT_OF_RANGE", "sine"),
          ("/mod/voice1/osc/type", ("theremin",), "BAD_TYPE", "sine"),
          ("/mod/acid1/source", (65,), "OUT_OF_RANGE", "0..64"),
          ("/mod/lfo1/target", ("voice1/nothing",), "UNKNOWN_ADDRESS", "voice1/"),
          ("/mod/lfo1/target", ("voice1/osc/type",), "BAD_TYPE", "choice"),
          ("/gate/voice1", ("loud",), "BAD_TYPE", "on"),
          ("/seq/bpm", ("fast",), "BAD_TYPE", "number"),
          ("/seq/swing", ("a lot",), "BAD_TYPE", "number"),
          ("/client/replies", (3,), "OUT_OF_RANGE", "0..2"),
          ("/engine/schema", ("xml",), "OUT_OF_RANGE", "json"),
          ("/schema", ("/mod/nothing",), "NO_MATCH", "/mod/nothing"),
          ("/engine/record/start", ("new.wav",), "BUSY", "already recording")]
COUNTS = [("/seq/add", (), "BAD_TYPE", "track"), ("/seq/add", ("a",), "BAD_TYPE", "voice"),
          ("/seq/add", ("a", "voice1"), "BAD_TYPE", "pattern"),
          ("/seq/remove", (), "BAD_TYPE", "track"),
          ("/seq/remove", ("ruler", "too"), "BAD_TYPE", "too many"),
          ("/seq/update/pattern", ("ruler",), "BAD_TYPE", "pattern"),
          ("/seq/update/notes", ("ruler",), "BAD_TYPE", "notes"),
          ("/seq/set", ("ruler", "pan"), "BAD_TYPE", "value"),
          ("/seq/mute", ("ruler",), "BAD_TYPE", "on"),
          ("/pattern/load", (), "BAD_TYPE", "slot"), ("/pattern/save", (), "BAD_TYPE", "slot"),
          ("/pattern/copy", (1,), "BAD_TYPE", "to"),
          ("/pattern/copy", (1, 2, 3), "BAD_TYPE", "too many"),
          ("/pattern/delete", (1, 2), "BAD_TYPE", "too many"),
         ("/pattern/chain", (1, 4, 2), "BAD_TYPE", "pairs"),
         ("/pattern/chain", ("x", 4), "BAD_TYPE", "number"),
         ("/pattern/chain", (1, 0), "OUT_OF_RANGE", "1..1024"),
          ("/pattern/restore", (1, 2, 3), "BAD_TYPE", "too many"),
          ("/gate/voice1", (), "BAD_TYPE", "1 to open"),
          ("/client/replies", (), "BAD_TYPE", "policy")]
ALL = [case for cases in (SLOTS, FILES, NAMES, PATTERNS, VALUES, COUNTS) for case in cases]

CODES = {"UNKNOWN_ADDRESS": -100, "BAD_TYPE": -101, "OUT_OF_RANGE": -102, "NO_MATCH": -103,
         "CORRUPT": -109, "BUSY": -112, "NOT_FOUND": -5, "NOT_NOW": -8, "TOO_BIG": -114}


def ready(daemon):
    """A ruler that plays on voice 1, a good slot 1 with a backup, and a slot 13 nobody can read."""
    for path, value in (("adsr/attack", 0.001), ("adsr/decay", 0.03), ("adsr/sustain", 0.0),
                        ("adsr/release", 0.01)):
        daemon.send("/mod/voice1/" + path, value)
    daemon.ask("/seq/add", "ruler", "voice1", "X", 2000.0)
    daemon.ask("/pattern/save", 1, "before")
    daemon.ask("/seq/set", "ruler", "len", 2)
    daemon.ask("/pattern/save", 1, "ruler")
    with open(daemon.slot_file(13), "w", encoding="utf-8") as file:
        file.write('{"chronus_version": ')


def answers(client, timeout=0.06):
    """All that comes within that time of the first answer."""
    heard = [client.next()]
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        client.server.recv(5)
    return heard + [client.heard.pop(0) for _ in list(client.heard)]


class Requests(unittest.TestCase):
    def check(self, case, message):
        address, _, symbol, allowed = case
        path, values = message
        self.assertEqual(path, "/error")
        self.assertEqual(len(values), 6, "address, code, message, symbol, id, hint")
        self.assertEqual(values[0], address)
        self.assertEqual((values[3], values[1]), (symbol, CODES[symbol]), values[2])
        self.assertIn(allowed, values[2])
        self.assertLess(len(values[2]), 400)
        self.assertNotIn("\n", values[2])
        self.assertEqual(values[4], "")
        return values[5]

    def test_each_is_told_once_and_changes_nothing_while_the_music_plays_on(self):
        folder = tempfile.mkdtemp(prefix="chronus-errors-")
        self.addCleanup(shutil.rmtree, folder)
        take = os.path.join(folder, "take.wav")
        with Daemon("--record", take) as d:
            ready(d)
            d.ask("/seq/start")
            before = d.values(), d.tracks(), d.status()["rev"]
            slots = sorted(os.listdir(os.path.join(d.state, "patterns", "slots")))
            client = Client(d.port)
            for case in ALL:
                with self.subTest(case=case[:2]):
                    client.send(case[0], *case[1])
                    heard = answers(client)
                    self.assertEqual(len(heard), 1, heard)
                    self.check(case, heard[0])
                    self.assertEqual(d.status()["rev"], before[2])
            self.assertEqual((d.values(), d.tracks(), d.status()["rev"]), before)
            self.assertEqual(sorted(os.listdir(os.path.join(d.state, "patterns", "slots"))), slots)
            self.assertTrue(d.status()["running"])
            d.ask("/panic")
        starts = onsets(read_wav(take)[1][:, 0])
        self.assertGreater(len(starts), 20)
        self.assertEqual(set(np.diff(starts)), {STEP}, "every step was played on its frame")

    def test_each_hint_succeeds_when_it_is_sent_as_it_is(self):
        with Daemon() as d:
            ready(d)
            d.ask("/engine/record/start", "take.wav")
            unhelped = []
            for case in ALL:
                with self.subTest(case=case[:2]):
                    with self.assertRaises(Refused) as caught:
                        d.ask(case[0], *case[1])
                    hint = caught.exception.hint
                    if not hint:
                        unhelped.append(case[:2])
                        continue
                    address, words = hint_words(hint)
                    client = Client(d.port)
                    client.send("/client/replies", 2)
                    client.next()
                    client.send(address, *words)
                    path, values = client.next()
                    self.assertNotEqual(path, "/error", f"{hint}: {values}")
                    self.restored(d, client)
            print(f"\n{len(ALL) - len(unhelped)} hints followed; without one: {unhelped}")
            self.assertLess(len(unhelped), len(ALL) // 10)

    def restored(self, d, client):
        """As it was before the hint, whatever that did."""
        client.heard.clear()
        if not d.ask("/engine/record/status").values[0]:
            d.ask("/engine/record/start", "take.wav")
        if "ruler" not in [t["name"] for t in d.tracks()] or not os.path.exists(d.slot_file(1)):
            d.ask("/seq/clear")
        ready(d)
        for slot in (2, 77, 78, 14, 12, 128, 129):
            if os.path.exists(d.slot_file(slot)):
                os.remove(d.slot_file(slot))

    def test_hints_succeed_on_a_daemon_that_holds_nothing_yet(self):
        """No slot, no track, no recording: a hint may not name what is not there."""
        with Daemon() as d:
            for case in ALL:
                if case[1][:1] == (13,) or "ruler" in case[1] or case[2] == "BUSY":
                    continue
                with self.subTest(case=case[:2]):
                    with self.assertRaises(Refused) as caught:
                        d.ask(case[0], *case[1])
                    if not caught.exception.hint:
                        continue
                    address, words = hint_words(caught.exception.hint)
                    client = Client(d.port)
                    client.send("/client/replies", 2)
                    client.next()
                    client.send(address, *words)
                    path, values = client.next()
                    self.assertNotEqual(path, "/error", f"{caught.exception.hint}: {values}")
                    d.ask("/seq/clear")
                    slots = os.path.join(d.state, "patterns", "slots")
                    for file in os.listdir(slots):
                        os.remove(os.path.join(slots, file))

    def test_a_recording_has_a_plain_name_in_its_folder(self):
        with Daemon() as d:
            for name in ("pass wd.wav", "..", "ä.wav", "", "x" * 65):
                with self.subTest(name=name), self.assertRaises(Refused) as caught:
                    d.ask("/engine/record/start", name)
                self.assertEqual(caught.exception.symbol, "OUT_OF_RANGE")
                self.assertIn("letters", caught.exception.message)
            path = d.ask("/engine/record/start", "../../../tmp/take.wav").values[0]
            self.assertEqual(path, os.path.join(d.state, "recordings", "take.wav"))
            address, words = hint_words(caught.exception.hint)
            d.ask("/engine/record/stop")
            d.ask(address, *words)

    def test_numbers_that_are_none_are_refused_with_their_packet(self):
        """Each from a socket of its own: a source is told about bad packets once a second."""
        with Daemon() as d:
            ready(d)
            before = d.values(), d.tracks()
            for value in (math.nan, math.inf, -math.inf):
                for address, tags in (("/mod/voice1/freq", "f"), ("/mod/voice1/freq", "d"),
                                      ("/seq/bpm", "f"), ("/gate/voice1", "f")):
                    with self.subTest(address=address, tags=tags, value=value), \
                            RawClient(d.port) as raw:
                        raw.socket.settimeout(5)
                        raw.send(pack(address, tags, value))
                        answer = raw.socket.recv(2048)
                        self.assertTrue(answer.startswith(b"/error\0"), answer)
                        self.assertIn(b"OUT_OF_RANGE", answer)
                        self.assertIn(address.encode(), answer)
                        raw.socket.settimeout(0.02)
                        with self.assertRaises(TimeoutError):
                            raw.socket.recv(2048)
            self.assertEqual((d.values(), d.tracks()), before)

    def test_bad_packets_are_answered_once_a_second_and_counted(self):
        with Daemon() as d, RawClient(d.port) as raw:
            for _ in range(50):
                raw.send(b"/mod/voice1/freq\0\0\0\0,f\0\0\x44")
            self.assertEqual(d.status()["bad_packets"], 50)
            raw.socket.settimeout(0.1)
            raw.socket.recv(2048)
            with self.assertRaises(TimeoutError):
                raw.socket.recv(2048)

    def test_a_bundle_with_one_bad_message_does_nothing(self):
        with Daemon() as d, RawClient(d.port) as raw:
            bad = pack("/mod/voice1/pan", "f", 0.5)[:-2]
            good = pack("/seq/bpm", "f", 99.0)
            raw.send(b"#bundle\0" + b"\0" * 7 + b"\1" + b"".join(
                len(m).to_bytes(4, "big") + m for m in (good, bad)))
            self.assertEqual(d.ask("/seq/bpm").values, (120.0,))
            self.assertEqual(d.status()["bad_packets"], 1)


class Starting(unittest.TestCase):
    """It starts, or says in one line why not, with an exit code of its own."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="chronus-starting-")
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.env = dict(os.environ, XDG_RUNTIME_DIR=self.folder)
        for name in ("JACK_DEFAULT_SERVER", "JACK_PROMISCUOUS_SERVER"):
            self.env.pop(name, None)
        self.env["JACK_DEFAULT_SERVER"] = f"none-{os.getpid()}"

    def refused(self, code, *args):
        state = ("--state", os.path.join(self.folder, "state")) if "--state" not in args else ()
        done = subprocess.run([CHRONUSD, "--device", "null", "--viz-port", "0", *state, *args]
                              if "--device" not in args else
                              [CHRONUSD, "--viz-port", "0", *state, *args],
                              env=self.env, text=True, timeout=30, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        self.assertNotIn("listening", done.stdout)
        self.assertTrue(done.stderr.strip(), "it says why")
        self.assertLessEqual(len(done.stderr.strip().splitlines()), 4, done.stderr)
        return done.stderr

    def test_a_port_in_use_is_69(self):
        taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(taken.close)
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        words = self.refused(69, "--port", str(port))
        self.assertIn(str(port), words)
        self.assertIn("use", words)

    def test_a_state_folder_that_cannot_be_written_is_73(self):
        for path in ("/dev/null/x", "/proc/chronus"):
            with self.subTest(path=path):
                self.assertIn(path, self.refused(73, "--port", "0", "--state", path))

    def test_a_recording_that_cannot_be_written_is_73(self):
        path = os.path.join(self.folder, "no", "such", "folder.wav")
        self.assertIn(path, self.refused(73, "--port", "0", "--record", path))

    def test_a_second_daemon_on_a_state_folder_is_75_and_names_the_first(self):
        with Daemon() as d:
            words = self.refused(75, "--port", "0", "--state", d.state)
            self.assertIn(str(d.process.pid), words)
            self.assertEqual(d.ask("/version").address, "/version", "the first plays on")
        with Daemon() as d:
            d.kill()
            with Daemon(state=d.state) as second:
                second.ask("/version")  # the dead hold no folder

    def test_devices_that_are_not_there(self):
        self.assertIn("jack", self.refused(64, "--port", "0", "--device", "gramophone"))
        self.assertIn("null", self.refused(69, "--port", "0", "--device", "jack"))

    def test_options_out_of_range_are_64_and_name_the_range(self):
        for args, named in ((("--voices", "65"), "64"), (("--voices", "0"), "64"),
                            (("--sample-rate", "1"), "8000"), (("--block", "1"), "16"),
                            (("--port", "70000"), "70000"), (("--nonsense",), "nonsense"),
                            (("--latency", "1001"), "1000"),
                            (("--record-format", "s8"), "s16")):
            with self.subTest(args=args):
                port = () if args[0] == "--port" else ("--port", "0")
                self.assertIn(named, self.refused(64, *port, *args))

    def test_hints_of_the_command_line_are_options_it_has(self):
        for args in (("--sample-rate", "1"), ("--block", "1"), ("--device", "gramophone"),
                     ("--device", "jack")):
            with self.subTest(args=args):
                code = 69 if args[1] == "jack" else 64
                words = self.refused(code, "--port", "0", *args)
                hints = [line.split("try ", 1)[1] for line in words.splitlines() if "try " in line]
                self.assertEqual(len(hints), 1, words)
                done = subprocess.Popen(
                    [CHRONUSD, "--viz-port", "0", "--port", "0", "--state",
                     os.path.join(self.folder, "hinted"), *hints[0].split()],
                    env=self.env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                with done:
                    lines = []
                    for line in done.stdout:
                        lines.append(line)
                        if "listening" in line:
                            break
                    done.send_signal(signal.SIGTERM)
                self.assertIn("listening", "".join(lines), hints[0])


if __name__ == "__main__":
    unittest.main(verbosity=2)
