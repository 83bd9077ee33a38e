"""Slots: what is saved is on the disk when the answer comes, and comes back whole."""

import hashlib
import json
import os
import random
import re
import shutil
import tempfile
import time
import unittest

from rig import Daemon, Refused
from wire import hint_words

FILES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "files", "slots")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def edited(path, change):
    """Changes a slot file as a person would, who takes the checksum out."""
    tree = json.loads(read(path))
    tree.pop("checksum", None)
    change(tree)
    write(path, json.dumps(tree, indent=2))


class Raw(str):
    """A number as the file spells it."""


def canonical(value):
    """The compact text that is hashed: sorted keys, no blanks, numbers as they are."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k, ensure_ascii=False)}:{canonical(value[k])}"
                              for k in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def stir(daemon, seed):
    """Sets every parameter to something else within its range; returns what must be there then."""
    dice = random.Random(seed)
    for address, node in daemon.params().items():
        limits = node.get("RANGE", [{}])[0]
        if address.endswith("/target"):
            value = dice.choice(["none", "voice1/filter/freq", "delay1/feedback", "voice8/pan"])
        elif "VALS" in limits:
            value = dice.choice(limits["VALS"])
        elif node["TYPE"] == "i":
            value = dice.randint(int(limits["MIN"]), min(8, int(limits["MAX"])))
        else:
            value = dice.uniform(limits["MIN"], limits["MAX"])
        daemon.send(address, value)
    return daemon.values()


class Slots(unittest.TestCase):
    def setUp(self):
        self.daemon = Daemon()
        self.addCleanup(self.daemon.__exit__)

    def ask(self, *args):
        return self.daemon.ask(*args)

    def refused(self, *args):
        with self.assertRaises(Refused) as caught:
            self.ask(*args)
        return caught.exception

    def some_tracks(self):
        self.ask("/seq/add", "kick", "voice1", "X..xo.X_", 55.0, "base_amp=0.5", "filter_freq=300",
                 "accent_boost=800", "gate_frac=0.25")
        self.ask("/seq/add", "bass", "voice2", "X.x~.x." * 3, 110.0, 900.0, "A2,C3,41.2,E3",
                 "note_index=2", "reverb_send=0.25", "delay_send=0.125", "pan=-0.5")
        self.ask("/seq/add", "quiet", "voice8", "x" * 256, "mute=1")
        self.ask("/seq/mute", "quiet", 1)
        return self.daemon.tracks()

    def test_everything_saved_is_restored(self):
        """Every parameter, every key of every track, in their order, after all were changed."""
        tracks, values = self.some_tracks(), stir(self.daemon, 1)
        self.ask("/pattern/save", 7, "evening", "slow", "blue")
        self.ask("/seq/clear")
        self.ask("/seq/add", "other", "voice3", "X")
        self.assertNotEqual(stir(self.daemon, 2), values)
        text = self.ask("/pattern/load", 7)
        self.assertEqual(text.values[:3], (7, "evening", False))
        self.assertEqual(len(text.values), 3, "nothing had to be bent")
        self.assertEqual(self.daemon.values(), values)
        self.assertEqual(self.daemon.tracks(), tracks)
        self.assertEqual([t["name"] for t in tracks], ["kick", "bass", "quiet"])

    def test_a_slot_is_a_readable_file_with_its_checksum(self):
        self.some_tracks()
        self.ask("/pattern/save", 7, "evening", "slow", "blue")
        path = self.daemon.slot_file(7)
        text = read(path)
        tree = json.loads(text)
        self.assertEqual(os.stat(path).st_mode & 0o077, 0, "for its owner alone")
        self.assertTrue(text.startswith("{\n  \""), "two blanks a level")
        self.assertEqual(tree["metadata"], {"name": "evening", "genre": "", "author": "",
                                            "notes": "", "tags": ["slow", "blue"]})
        self.assertIsInstance(tree["chronus_version"], str)
        self.assertIsInstance(tree["schema_version"], str)
        self.assertLess(abs(tree["timestamp"] - time.time()), 60)
        sequencer = tree["sequencer"]
        self.assertEqual((sequencer["bpm"], sequencer["swing"], sequencer["running"]),
                         (120, 0, False))
        self.assertIn("global_step", sequencer)
        self.assertIn("seed", sequencer)
        kick = sequencer["tracks"]["kick"]
        self.assertEqual((kick["voice_id"], kick["pattern"], kick["base_freq"], kick["gate_frac"]),
                         ("voice1", "X..xo.X_", 55, 0.25))
        # The track's name, where the original's readers look for it, and Hz in its notes.
        self.assertEqual(kick["name"], "kick")
        self.assertEqual(sequencer["tracks"]["bass"]["notes"][0], 110)
        for module in ("acid1", "dist1", "reverb1", "delay1", "lfo1", "lfo2", "master", "voice1",
                       "voice8"):
            self.assertIn(module, tree["modules"])
        self.assertLessEqual({"attack", "decay", "sustain", "release"},
                             set(tree["modules"]["voice1"]["adsr"]))
        raw = json.loads(text, parse_float=Raw, parse_int=Raw)
        said = raw.pop("checksum")
        self.assertEqual(said, hashlib.sha256(canonical(raw).encode()).hexdigest())

    def test_list_and_info_tell_what_is_there(self):
        self.some_tracks()
        self.ask("/seq/bpm", 99.0)
        self.ask("/pattern/save", 128, "last")
        self.ask("/pattern/save", 2)
        count, text = self.ask("/pattern/list").values
        slots = json.loads(text)
        self.assertEqual(count, 2)
        self.assertEqual([(s["slot"], s["state"], s["name"]) for s in slots],
                         [(2, "ok", "last"), (128, "ok", "last")])
        for slot in slots:
            self.assertRegex(slot["saved"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        info = json.loads(self.ask("/pattern/info", 128).values[0])
        self.assertEqual((info["slot"], info["name"], info["bpm"], info["tracks"]),
                         (128, "last", 99, ["kick", "bass", "quiet"]))

    def test_copy_delete_backups_and_restore(self):
        self.ask("/seq/add", "a", "voice1", "X")
        self.ask("/pattern/save", 1, "first")
        self.ask("/seq/add", "b", "voice2", "x")
        self.ask("/pattern/save", 1, "second")
        self.ask("/pattern/copy", 1, 5)
        for slot, name in ((1, "second"), (5, "second")):
            self.assertEqual(json.loads(self.ask("/pattern/info", slot).values[0])["name"], name)
        count, text = self.ask("/pattern/backups", 1).values
        self.assertEqual(count, 1)
        first = json.loads(text)[0]
        self.assertEqual((first["name"], first["state"]), ("first", "ok"))
        self.ask("/pattern/delete", 1)
        self.assertFalse(os.path.exists(self.daemon.slot_file(1)))
        self.ask("/pattern/restore", 1, first["generation"])
        self.assertEqual(json.loads(self.ask("/pattern/info", 1).values[0])["name"], "first")
        self.ask("/pattern/delete", 1)
        generations = [b["name"] for b in json.loads(self.ask("/pattern/backups", 1).values[1])]
        self.assertEqual(sorted(generations)[:1] + sorted(generations)[-1:], ["first", "second"])
        self.ask("/pattern/restore", 1)
        self.ask("/pattern/load", 1)
        self.assertEqual([t["name"] for t in self.daemon.tracks()], ["a"])

    def test_reload_drops_what_was_edited(self):
        tracks = self.some_tracks()
        self.ask("/pattern/save", 3)
        before = self.daemon.values()
        self.ask("/seq/clear")
        stir(self.daemon, 3)
        self.ask("/pattern/reload")
        self.assertEqual(self.daemon.tracks(), tracks)
        self.assertEqual(self.daemon.values(), before)

    def test_saving_the_same_again_makes_no_generation(self):
        self.some_tracks()
        for _ in range(5):
            self.ask("/pattern/save", 3)
        self.assertEqual(self.ask("/pattern/backups", 3).values[0], 0)

    def test_newest_eight_generations_are_kept(self):
        for n in range(12):
            self.ask("/seq/bpm", 100.0 + n)
            self.ask("/pattern/save", 3)
        count, text = self.ask("/pattern/backups", 3).values
        self.assertGreaterEqual(count, 8)
        self.assertLessEqual(count, 10)
        newest = json.loads(text)[0]["generation"]
        self.ask("/pattern/restore", 3, newest)
        self.ask("/pattern/load", 3)
        self.assertEqual(self.ask("/seq/bpm").values, (110.0,))

    def test_slots_of_the_original_load(self):
        """Its shape, its values; out of range ones are clipped and told, not refused."""
        for n, name in enumerate(sorted(os.listdir(FILES)), start=1):
            with self.subTest(file=name):
                shutil.copy(os.path.join(FILES, name), self.daemon.slot_file(n))
                theirs = json.loads(read(self.daemon.slot_file(n)))
                loaded = self.ask("/pattern/load", n)
                self.assertEqual(loaded.values[0], n)
                self.assertAlmostEqual(self.ask("/seq/bpm").values[0],
                                       theirs["sequencer"]["bpm"], 3)
                ours = {t["name"]: t for t in self.daemon.tracks()}
                self.assertEqual(list(ours), list(theirs["sequencer"]["tracks"]))
                for key, track in theirs["sequencer"]["tracks"].items():
                    self.assertEqual(ours[key]["voice"], track["voice_id"])
                    # Where the original knew X and x only, all else was a rest.
                    self.assertEqual(ours[key]["pattern"],
                                     re.sub("[^Xx]", ".", track["pattern"]))
                    self.assertAlmostEqual(ours[key]["base_freq"], track["base_freq"], 2)
                values = self.daemon.values()
                for voice, module in theirs["modules"].items():
                    if voice.startswith("voice"):
                        self.assertAlmostEqual(values[f"/mod/{voice}/adsr/attack"][0],
                                               module["adsr"]["attack"], 4)
                        self.assertAlmostEqual(values[f"/mod/{voice}/osc/type"][0],
                                               module.get("waveform", 0), 4)
                self.assertFalse(self.ask("/seq/status").values[0], "running is told, not obeyed")

    def test_what_it_does_not_know_survives_a_load_and_a_save(self):
        self.some_tracks()
        self.ask("/pattern/save", 4)

        def add(tree):
            tree["colour"] = {"hue": [1, 2, {"deep": "sea"}]}
            tree["modules"]["voice1"]["sparkle"] = 0.5
            tree["modules"]["granulator9"] = {"grains": 12}
            tree["metadata"]["mood"] = "ü"
            tree["sequencer"]["tracks"]["kick"]["groove"] = "late"

        edited(self.daemon.slot_file(4), add)
        self.ask("/pattern/load", 4)
        self.ask("/seq/bpm", 101.0)
        self.ask("/pattern/save", 6)
        tree = json.loads(read(self.daemon.slot_file(6)))
        self.assertEqual(tree["colour"], {"hue": [1, 2, {"deep": "sea"}]})
        self.assertEqual(tree["modules"]["voice1"]["sparkle"], 0.5)
        self.assertEqual(tree["modules"]["granulator9"], {"grains": 12})
        self.assertEqual(tree["metadata"]["mood"], "ü")
        self.assertEqual(tree["sequencer"]["tracks"]["kick"]["groove"], "late")
        self.assertEqual(tree["sequencer"]["bpm"], 101)

    def test_a_damaged_file_is_told_set_aside_and_mended_by_its_hint(self):
        tracks = self.some_tracks()
        self.ask("/pattern/save", 9, "good")
        self.ask("/seq/bpm", 90.0)
        self.ask("/pattern/save", 9, "newer")  # "good" is a backup now
        path = self.daemon.slot_file(9)
        whole = read(path)
        damages = {"cut in half": whole[:len(whole) // 2], "empty": "",
                   "a value changed behind its checksum": whole.replace('"bpm": 90', '"bpm": 91'),
                   "not text": "\x00\x01\x02" * 50}
        for what, bad in damages.items():
            with self.subTest(damage=what):
                self.assertNotEqual(bad, whole)
                write(path, bad)
                before = self.daemon.values(), self.daemon.tracks()
                error = self.refused("/pattern/load", 9)
                self.assertEqual((error.symbol, error.code), ("CORRUPT", -109))
                backup = re.search(r"patterns/backups/slot_009_\d+\.json", error.message)
                self.assertTrue(backup, error.message)
                self.assertTrue(os.path.exists(os.path.join(self.daemon.state, backup[0])))
                self.assertEqual((self.daemon.values(), self.daemon.tracks()), before)
                state = {s["slot"]: s for s in json.loads(self.ask("/pattern/list").values[1])}
                self.assertEqual(state[9]["state"], "damaged")
                self.assertTrue(state[9]["problem"])
                address, words = hint_words(error.hint)
                self.ask(address, *words)
                self.ask("/pattern/load", 9)
                self.assertEqual(self.daemon.tracks(), tracks)
                aside = os.path.join(self.daemon.state, "patterns", "damaged")
                self.assertIn(bad, [read(os.path.join(aside, f)) for f in os.listdir(aside)])

    def test_a_file_of_a_later_version_is_neither_read_nor_overwritten(self):
        self.ask("/pattern/save", 9)
        path = self.daemon.slot_file(9)
        edited(path, lambda tree: tree.update(schema_version="99.0"))
        later = read(path)
        for command in ("/pattern/load", "/pattern/info", "/pattern/save", "/pattern/delete"):
            with self.subTest(command=command):
                error = self.refused(command, 9)
                self.assertEqual((error.symbol, error.code), ("TOO_NEW", -113))
                self.assertIn("99", error.message)
                self.assertEqual(read(path), later)
        self.assertEqual(json.loads(self.ask("/pattern/list").values[1])[0]["state"], "too new")
        address, words = hint_words(self.refused("/pattern/save", 9).hint)
        self.ask(address, *words)
        self.assertEqual(read(path), later)

    def test_a_save_followed_at_once_by_a_load_plays_what_was_saved(self):
        for n in range(20):
            self.daemon.send("/mod/seq/bpm", 60.0 + n)
            self.daemon.send("/pattern/save", 12)
            self.daemon.send("/mod/seq/bpm", 200.0)
            self.ask("/pattern/load", 12)
            self.assertEqual(self.ask("/mod/seq/bpm"), [60.0 + n])


class Deaths(unittest.TestCase):
    def setUp(self):
        self.state = tempfile.mkdtemp(prefix="chronus-state-")
        self.addCleanup(shutil.rmtree, self.state)

    def test_a_save_that_was_answered_survives_kill_9(self):
        for n in range(12):
            with Daemon(state=self.state) as d:
                if n > 0:
                    self.assertEqual(d.ask("/pattern/load", 1).values[1], f"take {n - 1}")
                    self.assertEqual(d.ask("/seq/bpm").values, (100.0 + n - 1,))
                d.ask("/seq/bpm", 100.0 + n)
                d.ask("/pattern/save", 1, f"take {n}")
                d.kill()
        leftovers = [f for f in os.listdir(os.path.join(self.state, "patterns", "slots"))
                     if not re.fullmatch(r"slot_\d{3}\.json", f)]
        self.assertEqual(leftovers, [])

    def test_killed_in_the_middle_of_saving_the_slot_is_one_of_those_sent(self):
        """Whole, and none older than the last that was answered."""
        dice = random.Random(7)
        for _ in range(10):
            with Daemon(state=self.state) as d:
                answered = 30.0
                d.ask("/seq/bpm", answered)
                d.ask("/pattern/save", 2)
                stop = time.monotonic() + dice.uniform(0.0, 0.03)
                bpm = answered
                while time.monotonic() < stop:
                    bpm += 1
                    d.send("/seq/bpm", bpm)
                    d.send("/pattern/save", 2)
                    d.client.server.recv(0)
                d.kill()
                while d.client.server.recv(0):
                    pass
                answered += sum(path == "/reply" and values[0] == "/pattern/save"
                                for path, values in d.client.heard)
            with Daemon(state=self.state) as d:
                d.ask("/pattern/load", 2)
                found = d.ask("/seq/bpm").values[0]
                self.assertGreaterEqual(found, answered)
                self.assertLessEqual(found, bpm)

    def test_state_survives_a_restart(self):
        with Daemon(state=self.state) as d:
            d.ask("/seq/add", "kick", "voice1", "X...", 55.0)
            values, tracks = stir(d, 5), d.tracks()
            d.ask("/pattern/save", 100, "kept")
            self.assertEqual(d.stop(), 0)
        with Daemon(state=self.state) as d:
            self.assertEqual(d.tracks(), [], "starts empty")
            d.ask("/pattern/load", 100)
            self.assertEqual(d.tracks(), tracks)
            self.assertEqual(d.values(), values)


if __name__ == "__main__":
    unittest.main(verbosity=2)
