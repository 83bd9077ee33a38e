"""What was performed: listed, shown, found, counted, kept and packed; by a real daemon."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest
import zipfile

import network_test
from rig import CHRONUSCTL, Daemon, Refused, kick


class History(unittest.TestCase):
    def setUp(self):
        self.state = tempfile.mkdtemp(prefix="chronus-history-")
        self.addCleanup(shutil.rmtree, self.state, ignore_errors=True)
        self.daemon = self.started()

    def started(self, *args):
        daemon = Daemon(*args, state=self.state)
        self.addCleanup(daemon.__exit__)
        self.ask = daemon.ask
        return daemon

    def again(self, *args):
        self.assertEqual(self.daemon.stop(), 0)
        self.daemon = self.started(*args)

    def json(self, *words):
        return json.loads(self.daemon.ctl("--json", "history", *words).stdout)

    def lines(self, *words):
        return self.daemon.ctl("history", *words).stdout.splitlines()

    def wait_for(self, what, seconds=10):
        end = time.monotonic() + seconds
        while not what() and time.monotonic() < end:
            time.sleep(0.05)
        self.assertTrue(what())

    def refused(self, *args):
        with self.assertRaises(Refused) as caught:
            self.ask(*args)
        return caught.exception

    def play(self, bpm=120.0):
        """A performance of a moment; its id."""
        kick(self.daemon)
        self.ask("/seq/start")
        self.ask("/seq/bpm", bpm)
        self.daemon.send("/mod/voice1/amp", 0.4)
        self.ask("/wait", "beat+1", timeout=5)
        self.ask("/seq/stop")
        self.wait_for(lambda: self.json("list") and self.json("list")[0]["status"] != "running")
        return self.json("list")[0]["id"]

    def packed(self, *words):
        """What is in an export: {path: bytes}, and its manifest."""
        out = os.path.join(self.state, "out.zip")
        self.daemon.ctl("history", "export", *words, "--out", out)
        with zipfile.ZipFile(out) as archive:
            self.assertIsNone(archive.testzip())
            files = {name: archive.read(name) for name in archive.namelist()}
        return files, json.loads(files["manifest.json"])


class Asked(History):
    """What needs no performance."""

    def test_before_anything_was_performed_everything_is_answered(self):
        self.assertEqual(self.json("list"), [])
        self.assertEqual(self.lines("list"), ["0 executions"])
        self.assertEqual(self.json("find", "text=kick")["items"], [])
        self.assertEqual(self.json("stats")["outputs"], 0)
        self.assertEqual(self.refused("/history/show", 99).symbol, "NOT_FOUND")
        self.assertEqual(self.refused("/history/export", 99).symbol, "NOT_FOUND")

    def test_what_cannot_be_is_refused_with_a_line_that_works(self):
        for words in (("list", "slots=1"), ("list", "since=yesterday"), ("find", "type=audio"),
                      ("list", "kind=opera"), ("show", "99"), ("find", "before=7"),
                      ("export", "song=nobody"), ("export", "1", "../../tmp/x")):
            done = self.daemon.ctl("history", *words, check=False)
            self.assertEqual(done.returncode, 1, words)
            said, hint = done.stderr.splitlines()
            self.assertTrue(said.startswith("chronusctl: "), said)
            again = subprocess.run(hint.removeprefix("try: ").replace("chronusctl", CHRONUSCTL, 1),
                                   shell=True, env=self.daemon.env, capture_output=True, check=False)
            self.assertEqual(again.returncode, 0, hint)

    def test_without_a_history_it_says_so_and_the_music_goes_on(self):
        self.assertEqual(self.daemon.stop(), 0)
        for name in os.listdir(self.state):
            if name.startswith("history.db"):
                os.remove(os.path.join(self.state, name))
        os.mkdir(os.path.join(self.state, "history.db"))  # nothing can be written there
        self.daemon = self.started()
        for question in (("/history/list",), ("/history/show", 1), ("/history/stats",),
                         ("/history/pin", 1), ("/history/export", 1)):
            self.refused(*question)
        kick(self.daemon)
        self.ask("/seq/start")
        self.assertTrue(self.daemon.status()["running"])


class Performed(History):
    def test_what_was_performed_is_listed_shown_and_found(self):
        first, second = self.play(), self.play(128.0)
        listed = self.json("list")
        self.assertEqual([each["id"] for each in listed], [second, first])
        self.assertEqual({each["status"] for each in listed}, {"complete"})
        table = self.lines("list")
        self.assertEqual(len(table), 3)
        self.assertLessEqual(max(map(len, table)), 80)
        views = {view: self.json("show", str(second), view)["items"]
                 for view in ("performer", "advanced", "researcher")}
        seqs = {view: {item["seq"] for item in items} for view, items in views.items()}
        self.assertLessEqual(seqs["performer"], seqs["advanced"])
        self.assertLess(seqs["advanced"], seqs["researcher"])
        self.assertEqual(len(views["researcher"]), listed[0]["items"])
        said = [item["content"] for item in views["researcher"] if item["stage"] == "input"]
        self.assertIn("/seq/bpm 128", said)
        found = self.json("find", "text=/seq/bpm 128")["items"]
        self.assertEqual({item["execution"] for item in found}, {second})
        self.assertLessEqual(max(map(len, self.lines("show", str(second), "researcher"))), 80)

    def test_long_ones_are_read_page_after_page(self):
        ident = self.play()
        whole = self.json("show", str(ident), "researcher", "1000")
        self.assertNotIn("next", whole)
        pages, at = [], 0
        while at is not None:
            page = self.json("show", str(ident), "researcher", "3", str(at))
            pages += page["items"]
            at = page.get("next")
        self.assertEqual(pages, whole["items"])
        found, before = [], ()
        while True:
            page = self.json("find", f"execution={ident}", "limit=2", *before)
            found += [item["seq"] for item in page["items"]]
            if "before" not in page:
                break
            before = (f"before={page['before']}",)
        self.assertEqual(sorted(found), sorted(item["seq"] for item in pages))

    def test_a_pin_and_all_of_it_outlive_a_restart(self):
        ident = self.play()
        self.ask("/history/pin", ident)
        shown = self.json("show", str(ident), "researcher")
        self.again()
        self.assertEqual(self.json("show", str(ident), "researcher"), shown)
        self.assertTrue(shown["execution"]["pinned"])
        self.daemon.ctl("history", "pin", str(ident), "off")
        self.assertFalse(self.json("list")[0]["pinned"])
        self.assertEqual(self.json("stats")["executions"], 1)

    def test_what_was_played_when_it_was_killed_is_there_and_says_so(self):
        kick(self.daemon)
        self.ask("/seq/start")
        self.ask("/seq/bpm", 131.0)
        self.wait_for(lambda: self.json("find", "text=/seq/bpm 131")["items"])
        self.daemon.kill()
        self.daemon = self.started()
        self.wait_for(lambda: self.json("list")[0]["status"] == "killed")
        self.assertEqual(len(self.json("find", "text=/seq/bpm 131")["items"]), 1)

    def test_an_export_is_whole_and_its_patterns_play(self):
        ident = self.play()
        files, manifest = self.packed(str(ident), "friday")
        self.assertEqual(sorted(files),
                         sorted([file["path"] for file in manifest["files"]] + ["manifest.json"]))
        for file in manifest["files"]:
            data = files[file["path"]]
            self.assertEqual((len(data), hashlib.sha256(data).hexdigest()),
                             (file["bytes"], file["sha256"]), file["path"])
        items = [json.loads(line) for line in files["items.jsonl"].splitlines()]
        self.assertEqual([item["seq"] for item in items], list(range(1, len(items) + 1)))
        self.assertEqual(len(items), manifest["executions"][0]["items"])
        self.assertEqual(manifest["missing"], [])
        scenes = [path for path in files if path.startswith("scenes/")]
        self.assertGreater(len(scenes), 0)
        played = set()
        for path in scenes:
            self.assertEqual(hashlib.sha256(files[path]).hexdigest() + ".json", path[7:])
            if not json.loads(files[path])["sequencer"]["tracks"]:
                continue
            scene = os.path.join(self.state, "scene.json")
            with open(scene, "wb") as file:
                file.write(files[path])
            self.daemon.ctl("render", scene, "--bars", "1", "--outputs", "wav16", "--out",
                            self.state)
            played.add(path[7:71])
        self.assertIn(manifest["begins_with"][str(ident)], played)

    def test_the_same_performance_makes_the_same_bytes_for_its_owner_alone(self):
        ident = self.play()
        for name in ("a", "b"):
            self.daemon.ctl("history", "export", str(ident), name)
            time.sleep(1.1)  # a second of the clock goes into no file
        paths = [os.path.join(self.state, "exports", name + ".zip") for name in ("a", "b")]
        with open(paths[0], "rb") as one, open(paths[1], "rb") as other:
            self.assertEqual(one.read(), other.read())
        self.assertEqual(os.stat(paths[0]).st_mode & 0o777, 0o600)
        self.assertEqual(sorted(os.listdir(os.path.dirname(paths[0]))), ["a.zip", "b.zip"])

    def test_what_is_there_and_no_archive_stays(self):
        ident = self.play()
        mine = os.path.join(self.state, "mine.txt")
        with open(mine, "w", encoding="ascii") as file:
            file.write("mine")
        done = self.daemon.ctl("history", "export", str(ident), "--out", mine, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no archive", done.stderr)
        with open(mine, encoding="ascii") as file:
            self.assertEqual(file.read(), "mine")


SECRET = "0123456789abcdef0123456789abcdef"


@unittest.skipIf(network_test.NOT_HERE, network_test.NOT_HERE)
class Secrets(network_test.TwoHosts):
    def test_no_token_and_no_address_is_in_any_answer_or_export(self):
        daemon = self.open_daemon()
        daemon.client = daemon.near
        token = network_test.tokens(daemon)["perform"]
        far = self.far_client(daemon)
        far.ask("/auth", token)
        for say in (daemon.near, far):
            say.send("/req", "r1", "/auth", token)
            say.send("/at", "now", "/auth", token)
            say.bundle(("/auth", token), ("/seq/bpm", 99.0))
            say.send("/auth", SECRET)
        far.ask("/seq/add", "kick", "voice1", "X...")
        far.ask("/seq/start")
        far.ask("/seq/bpm", 133.0)
        far.ask("/seq/stop")
        told = [daemon.ctl("--json", "history", *words).stdout
                for words in (("list",), ("list", "kind=pause"), ("find", "limit=1000"), ("stats",))]
        self.assertIn("/seq/bpm 133", told[2])
        for kind in ("performance", "pause"):
            daemon.ctl("history", "export", f"kind={kind}", kind)
            with zipfile.ZipFile(os.path.join(daemon.state, "exports", kind + ".zip")) as archive:
                told += [archive.read(name).decode() for name in archive.namelist()]
        for text in told:
            for secret in (token, SECRET, network_test.HERE, network_test.THERE, "127.0.0.1"):
                self.assertNotIn(secret, text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
