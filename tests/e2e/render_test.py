"""Offline renders against what a real daemon plays, from the shell without any daemon, and in a
daemon that plays on."""

import glob
import hashlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
import unittest
import zipfile

from rig import CHRONUSCTL, Daemon, Refused, read_wav


def render(*words, code=0):
    done = subprocess.run([CHRONUSCTL, "render", *map(str, words)], capture_output=True, text=True,
                          timeout=120, check=False)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    return done


class Renders(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.out = os.path.join(self.folder, "out")
        with Daemon() as d:
            self.play(d)
            d.ask("/pattern/save", 1, "take")
            d.ask("/seq/stop")
            self.slot = os.path.join(self.folder, "take.json")
            shutil.copy(d.slot_file(1), self.slot)

    def play(self, d):
        d.ask("/seq/bpm", 150.0)
        d.ask("/seq/add", "kick", "voice1", "X...X...X...X.x.", 55.0)
        d.ask("/seq/add", "hats", "voice3", "..x?50..x.", 4000.0, "delay_send=0.4", "pan=0.3")
        d.send("/mod/voice3/osc/type", 1)

    def test_what_is_rendered_is_what_a_daemon_plays(self):
        take = os.path.join(self.folder, "live.wav")
        with Daemon("--record", take) as d:
            shutil.copy(self.slot, d.slot_file(1))
            d.ask("/pattern/load", 1)
            d.ask("/seq/start")
            d.ask("/wait", "bar:3", timeout=20)
        render(self.slot, "--bars", 2, "--outputs", "wav32f", "--out", self.out)
        live, offline = read_wav(take)[1], read_wav(os.path.join(self.out, "take.wav"))[1]
        bars = 2 * 16 * 4800  # frames at 150 BPM
        begin, first = live.any(axis=1).argmax(), offline.any(axis=1).argmax()
        count = bars - first - 100  # the delay of the engine lies before it
        off = abs(live[begin:begin + count] - offline[first:first + count]).max()
        self.assertLess(off, 1e-6)  # it began on another frame of the grid of 32, and rounds so
        self.assertGreater(abs(offline).max(), 0.05)

    def test_a_render_tells_what_it_made_as_text_and_as_json(self):
        told = render(self.slot, "--bars", 2, "--outputs", "wav24,stems,midi,plot", "--out", self.out)
        self.assertIn("take.24.wav", told.stdout)
        self.assertIn("LUFS", told.stdout)
        told = render(self.slot, "--bars", 2, "--outputs", "flac,plot", "--out", self.out, "--json")
        report = json.loads(told.stdout)
        self.assertEqual([o["output_config_index"] for o in report["outputs"]], [1, 2])
        for output in report["outputs"]:
            for file in output["files"]:
                path = os.path.join(self.out, file["file"])
                self.assertEqual(os.path.getsize(path), file["bytes"])
        self.assertEqual(sorted(os.listdir(self.out)),
                         ["take.01-kick.wav", "take.02-hats.wav", "take.24.wav", "take.flac",
                          "take.mid", "take.svg"])

    def test_wrong_words_are_answered_with_right_ones(self):
        cases = [
            (["missing.json"], "no such file"),
            ([self.slot, "--outputs", "wav25"], "wav24"),
            ([self.slot, "--bars", "0"], "1..100000"),
            ([self.slot, "--bars", "1.5"], "1..100000"),
            ([self.slot, "--rate", "44"], "8000..192000"),
            ([self.slot, "--tail", "-1"], "0..600"),
            ([self.slot, "--out", self.slot], "--out"),
        ]
        for words, expected in cases:
            with self.subTest(words=words):
                told = render(*words, code=1)
                self.assertIn(expected, told.stderr)
        damaged = os.path.join(self.folder, "damaged.json")
        with open(damaged, "w", encoding="utf-8") as file:
            file.write('{"sequencer": ')
        self.assertIn("line", render(damaged, code=1).stderr)
        self.assertFalse(os.path.exists(self.out))

    def test_a_silent_pattern_is_not_kept(self):
        with Daemon() as d:
            d.ask("/pattern/save", 2, "nothing")
            told = render(d.slot_file(2), "--out", self.out, code=1)
        self.assertIn("nothing is heard", told.stdout)
        self.assertEqual(os.listdir(self.out), [])


def play_much(d):
    """Every voice, through all effects."""
    for voice in range(1, 9):
        d.ask("/seq/add", f"t{voice}", f"voice{voice}", "X.x.", 110.0 * voice,
              "reverb_send=0.3", "delay_send=0.3")
    d.ask("/seq/start")


def tasks(d):
    return len(os.listdir(f"/proc/{d.process.pid}/task"))


def left_over(d):
    """Files in the folder of renders that are no whole output."""
    return [name for name in os.listdir(os.path.join(d.state, "renders"))
            if name.startswith(".") or name.endswith(".tmp")]


class Beside(unittest.TestCase):
    """Renders in a daemon that plays."""

    def report(self, d, job, timeout=60):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                return json.loads(d.document("/render/report", job))
            except Refused as refused:
                if refused.symbol != "NOT_NOW":
                    raise
            time.sleep(0.01)
        raise TimeoutError(f"job {job} does not end")

    def test_the_shell_waits_for_a_slot_and_gets_what_a_file_gives(self):
        with Daemon() as d, tempfile.TemporaryDirectory() as folder:
            play_much(d)
            d.ask("/pattern/save", 5, "much")
            told = d.ctl("render", "slot:5", "--bars", "2", "--outputs", "flac,ogg,midi", "--json")
            report = json.loads(told.stdout)
            self.assertEqual(report["folder"], os.path.join(d.state, "renders"))
            render(d.slot_file(5), "--bars", 2, "--outputs", "flac,ogg,midi", "--out", folder)
            for output in report["outputs"]:
                for file in output["files"]:
                    with open(os.path.join(report["folder"], file["file"]), "rb") as one, \
                         open(os.path.join(folder, file["file"]), "rb") as other:
                        self.assertEqual(one.read(), other.read())
            wrong = d.ctl("render", "slot:6", check=False)
            self.assertEqual(wrong.returncode, 1)
            self.assertIn("slot 6: empty", wrong.stderr)

    def test_a_cancelled_job_is_over_within_100_ms_and_leaves_no_half_file(self):
        with Daemon() as d:
            play_much(d)
            d.ask("/pattern/save", 1)
            took = []
            for _ in range(9):
                job = d.ask("/render/slot", 1, "bars=20000", "outputs=wav24,stems").values[0]
                time.sleep(0.15)
                began = time.monotonic()
                d.ask("/job/cancel", job)
                with self.assertRaises(Refused) as refused:
                    self.report(d, job)
                took.append(time.monotonic() - began)
                self.assertEqual(refused.exception.symbol, "CANCELLED")
                self.assertEqual(left_over(d), [])
            print(f"\ncancelled after {1000 * statistics.median(took):.0f} ms, at most "
                  f"{1000 * max(took):.0f}")
            self.assertLess(statistics.median(took), 0.1)

    def test_interrupting_the_shell_cancels_its_job(self):
        with Daemon() as d:
            play_much(d)
            d.ask("/pattern/save", 1)
            shell = subprocess.Popen([CHRONUSCTL, "render", "slot:1", "--bars", "50000"], env=d.env,
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            while "running" not in d.ctl("--json", "send", "/progress/list").stdout:
                time.sleep(0.02)
            shell.send_signal(signal.SIGINT)
            told = shell.communicate(timeout=20)[1]
            self.assertEqual(shell.returncode, 1)
            self.assertIn("cancelled", told)
            self.assertEqual(glob.glob(os.path.join(d.state, "renders", "*")), [])

    def test_the_daemon_ends_soon_while_it_renders_and_leaves_no_half_file(self):
        with Daemon() as d:
            play_much(d)
            d.ask("/pattern/save", 1)
            for name in "abcd":
                d.ask("/render/slot", 1, "bars=50000", f"name={name}")
            time.sleep(0.3)
            began = time.monotonic()
            self.assertEqual(d.stop(), 0)
            self.assertLess(time.monotonic() - began, 5)
            self.assertEqual(left_over(d), [])

    def test_threads_are_there_only_while_there_is_work(self):
        with Daemon() as d:
            play_much(d)
            d.ask("/pattern/save", 1)
            before = tasks(d)
            jobs = [d.ask("/render/slot", 1, "bars=4", f"name={name}").values[0] for name in "abc"]
            for job in jobs:
                self.report(d, job)
            end = time.monotonic() + 5
            while tasks(d) > before and time.monotonic() < end:
                time.sleep(0.02)
            self.assertEqual(tasks(d), before)

    def test_renders_on_every_core_leave_the_music_and_the_answers_alone(self):
        """Alone and rendering in turn, so that what else the machine does hits both alike."""
        with Daemon() as d:
            play_much(d)
            d.ask("/pattern/save", 1)
            faults = {"alone": 0, "rendering": 0}
            answers = {"alone": [], "rendering": []}
            for turn in range(3):
                for how in ("alone", "rendering"):
                    jobs = [d.ask("/render/slot", 1, "bars=20000", f"name=n{turn}{core}").values[0]
                            for core in range(os.cpu_count())] if how == "rendering" else []
                    before, until = d.status()["device"], time.monotonic() + 3
                    while time.monotonic() < until:
                        began = time.monotonic()
                        d.ask("/seq/status")
                        answers[how].append(time.monotonic() - began)
                        time.sleep(0.005)
                    after = d.status()["device"]
                    faults[how] += sum(after[name] - before[name] for name in ("late", "xruns"))
                    for job in jobs:
                        d.ask("/job/cancel", job)
                        with self.assertRaises(Refused):
                            self.report(d, job)
            for how in faults:
                p50, p99 = statistics.median(answers[how]), statistics.quantiles(answers[how], n=100)[98]
                print(f"\n{how}: {faults[how]} late blocks or gaps in 9 s, answers p50 "
                      f"{1e6 * p50:.0f} us, p99 {1e6 * p99:.0f} us", end="")
            print()
            blocks = json.loads(d.ask("/engine/health").values[1])["blocks"]
            upper = [*(f"{100 * end:g} %" for end in blocks["up_to"]), "more"]
            print("blocks by the share of their time they took: " + ", ".join(
                f"{count} to {end}" for end, count in zip(upper, blocks["counts"]) if count),
                f"; longest {100 * blocks['longest']:.0f} %, late {blocks['late']}")
            self.assertEqual(len(blocks["counts"]), len(blocks["up_to"]) + 1)
            self.assertGreater(sum(blocks["counts"]), 18 * 48000 // 256)  # all of both times 9 s
            over = sum(blocks["counts"][blocks["up_to"].index(1) + 1:])
            self.assertAlmostEqual(over, blocks["late"], delta=1)  # one may end while it is read
            self.assertLessEqual(faults["rendering"], 3 * faults["alone"] + 5)
            self.assertLess(statistics.median(answers["rendering"]),
                            3 * statistics.median(answers["alone"]) + 0.005)


class Sets(unittest.TestCase):
    def setUp(self):
        self.d = Daemon()
        self.addCleanup(self.d.__exit__)
        self.d.ask("/seq/add", "kick", "voice1", "X...X...", 55.0)
        self.d.ask("/seq/add", "bass", "voice2", "..x...x.", 110.0)
        self.d.ask("/pattern/save", 1)
        self.d.ctl("setlist", "new", "friday")
        for song in ("intro", "song", "outro"):
            self.d.ctl("setlist", "add", "friday", song, "1")
            self.d.ctl("setlist", "part", "friday", song, "0", "2")
        self.d.ctl("setlist", "override", "friday", "song", "seq/bpm", "150")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.file = os.path.join(self.folder, "friday.json")

    def files(self, folder):
        out = {}
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), "rb") as file:
                out[name] = file.read()
        return out

    def process(self, *words, code=0):
        done = self.d.ctl("--json", "setlist", "process", "friday", *words, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return {song["song"]: song["fate"] for song in json.loads(done.stdout)["songs"]}

    def test_a_daemon_a_file_and_shares_of_it_all_make_the_same(self):
        self.assertEqual(set(self.process("--outputs", "flac,stems").values()), {"made"})
        expected = self.files(os.path.join(self.d.state, "renders", "friday"))
        self.d.ctl("setlist", "export", "friday", self.file)
        whole, shares = (os.path.join(self.folder, name) for name in ("whole", "shares"))
        render(self.file, "--outputs", "flac,stems", "--out", whole)
        for share in ("1/2", "2/2"):
            render(self.file, "--outputs", "flac,stems", "--out", shares, "--shard", share)
        self.assertEqual(self.files(os.path.join(whole, "friday")), expected)
        self.assertEqual(self.files(os.path.join(shares, "friday")), expected)

    def test_what_came_of_a_song_is_kept_with_its_set_and_only_what_changed_is_made_again(self):
        self.process()
        shown = self.d.ctl("--json", "setlist", "show", "friday").stdout
        self.assertEqual(shown.count('"processed":true'), 3)
        self.assertEqual(set(self.process().values()), {"unchanged"})
        self.d.ctl("setlist", "override", "friday", "outro", "seq/swing", "0.3")
        self.assertEqual(self.process(),
                         {"intro": "unchanged", "song": "unchanged", "outro": "made"})

    def test_a_song_that_fails_is_told_of_and_a_full_disk_hurts_that_one_alone(self):
        self.d.ctl("setlist", "override", "friday", "intro", "master/level", "0")
        self.assertEqual(self.process(code=1),
                         {"intro": "failed", "song": "made", "outro": "made"})
        self.d.ctl("setlist", "override", "friday", "intro", "master/level", "0.7")
        self.d.ctl("setlist", "part", "friday", "outro", "0", "64")  # some 50 MB as it is played
        self.d.ctl("setlist", "export", "friday", self.file)
        out = os.path.join(self.folder, "out")
        full = subprocess.run(["bash", "-c", 'trap "" XFSZ; ulimit -f 20000; exec "$@"', "-",
                               CHRONUSCTL, "render", self.file, "--out", out],
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(full.returncode, 1, full.stderr)
        self.assertRegex(full.stdout, r"intro +made")
        self.assertRegex(full.stdout, r"outro +failed .*too large")
        names = os.listdir(os.path.join(out, "friday"))
        self.assertEqual(sorted(names), ["intro.24.wav", "intro.json", "song.24.wav", "song.json"])

    def test_what_a_killed_daemon_left_half_is_gone_when_the_next_one_starts(self):
        self.d.ctl("setlist", "part", "friday", "song", "0", "128")
        self.d.ask("/setlist/process", "friday", "outputs=flac,ogg,wav24")
        folder = os.path.join(self.d.state, "renders", "friday")
        half, end = [], time.monotonic() + 60
        while not half and time.monotonic() < end:
            half = glob.glob(os.path.join(folder, ".song*.tmp"))
            time.sleep(0.005)
        self.d.kill()
        self.assertNotEqual(half, [])
        with Daemon(state=self.d.state) as d:
            self.assertEqual([name for name in os.listdir(folder) if name.startswith(".")], [])
            swept = json.loads(d.ask("/progress/list").values[1])
            self.assertEqual([(op["type"], op["name"], op["status"]) for op in swept],
                             [("maintenance", "sweep", "completed")])
            self.assertRegex(swept[0]["message"], r"^[1-9][0-9]* files? of unfinished writes removed$")

    def test_a_preflight_says_what_is_wrong_before_anybody_hears_it(self):
        self.d.ctl("setlist", "override", "friday", "outro", "master/level", "0.2")
        self.d.ask("/pattern/delete", 1)
        told = self.d.ctl("setlist", "preflight", "friday").stdout
        self.assertIn("from 120 to 150 BPM after intro", told)
        self.assertIn("LU softer than song", told)
        self.assertIn("slot 1, of which it has a copy, is empty by now", told)
        with open(os.path.join(self.d.state, "renders", "friday.preflight.svg"),
                  encoding="utf-8") as file:
            self.assertIn("outro", file.read())


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class Sources(unittest.TestCase):
    """All that a daemon renders, and what its history says of it."""

    def setUp(self):
        self.d = Daemon()
        self.addCleanup(self.d.__exit__)
        self.d.ask("/seq/add", "kick", "voice1", "X...X...", 55.0)
        self.d.ask("/seq/add", "bass", "voice2", "..x...x.", 110.0)
        self.d.ask("/pattern/save", 1, "beat")
        self.renders = os.path.join(self.d.state, "renders")

    def render(self, *words, code=0):
        done = self.d.ctl("--json", "render", *words, check=False)
        self.assertEqual(done.returncode, code, done.stderr + done.stdout)
        return json.loads(done.stdout)

    def names(self):
        return sorted(os.listdir(self.renders))

    def hash_of(self, name):
        return sha256(os.path.join(self.renders, name))

    def history(self, *words):
        return json.loads(self.d.ctl("--json", "history", *words).stdout)

    def last(self):
        return self.history("list", "kind=render", "limit=1")[0]

    def items(self, execution, view="researcher"):
        return self.history("show", str(execution["id"]), view, "1000")["items"]

    def perform(self, bars=2):
        """A performance of some bars; its id."""
        self.d.ask("/seq/start")
        self.d.ask("/wait", f"bar:{bars + 1}", timeout=30)
        self.d.ask("/seq/stop")
        end = time.monotonic() + 10
        while time.monotonic() < end:
            one = self.history("list", "limit=1", "kind=performance")
            if one and one[0]["status"] != "running":
                return one[0]
            time.sleep(0.05)
        raise TimeoutError("the performance does not end")

    def test_the_pattern_a_snapshot_and_a_slot_of_one_content_make_the_same_bytes(self):
        self.d.ask("/snapshot/tag", "good")
        self.render("slot:1", "--bars", "2", "--outputs", "wav24,stems")
        self.render("pattern", "--bars", "2", "--outputs", "wav24,stems")
        self.render("snapshot:good", "--bars", "2", "--outputs", "wav24,stems", "--name", "good")
        for ending in ("24.wav", "01-kick.wav", "02-bass.wav"):
            hashes = {self.hash_of(f"{name}.{ending}") for name in ("slot_001", "pattern", "good")}
            self.assertEqual(len(hashes), 1, ending)
        self.d.ask("/seq/bpm", 90.0)
        self.d.ask("/snapshot/take", "slow")
        self.render("pattern", "--bars", "2", "--name", "slow")
        self.render("snapshot:HEAD", "--bars", "2", "--name", "head")
        self.render("snapshot:HEAD~1", "--bars", "2", "--name", "before")
        self.assertEqual(self.hash_of("head.24.wav"), self.hash_of("slow.24.wav"))
        self.assertEqual(self.hash_of("before.24.wav"), self.hash_of("slot_001.24.wav"))
        report = self.render("snapshot:good", "--bars", "1")
        self.assertRegex(report["outputs"][0]["files"][0]["file"], r"^snapshot_[0-9a-f]{8}\.24\.wav$")

    def test_a_set_is_one_piece_as_long_as_its_songs(self):
        self.d.ctl("setlist", "new", "friday")
        for song, bars in (("intro", "1"), ("song", "2")):
            self.d.ctl("setlist", "add", "friday", song, "1")
            self.d.ctl("setlist", "part", "friday", song, "0", bars)
        self.d.ctl("setlist", "override", "friday", "song", "seq/bpm", "150")
        report = self.render("set:friday", "--outputs", "wav32f", "--tail", "0")
        frames = 16 * 6000 + 2 * 16 * 4800
        self.assertAlmostEqual(report["frames"], frames, delta=64)
        self.assertEqual(self.names(), ["friday.wav"])
        shown = self.d.ctl("--json", "setlist", "show", "friday").stdout
        self.assertNotIn('"processed":true', shown)
        self.assertEqual(self.last()["set"], "friday")

    def test_an_execution_gives_the_sound_that_was_never_recorded(self):
        performed = self.perform()
        report = self.render(f"execution:{performed['id']}", "--outputs", "wav24,stems")
        self.assertEqual(report["compared"]["seconds"], report["compared"]["equal"])
        self.assertEqual(self.names(), [f"execution_{performed['id']}.{ending}" for ending in (
            "01-kick.wav", "02-bass.wav", "24.wav")])
        before = self.hash_of(self.names()[2])
        self.d.ctl("replay", str(performed["id"]), "--outputs", "wav24", "--name", "again")
        self.assertEqual(self.hash_of("again.24.wav"), before)
        self.assertEqual(self.last()["snapshot"], performed["snapshot"])

    def test_a_render_is_an_execution_with_its_outputs(self):
        told = self.d.ask("/req", "r1", "/render/slot", 1, "bars=2", "outputs=wav24,stems,midi,plot")
        while True:
            try:
                report = json.loads(self.d.document("/render/report", told.values[0]))
                break
            except Refused as refused:
                self.assertEqual(refused.symbol, "NOT_NOW")
                time.sleep(0.02)
        one = self.last()  # whoever has the report finds all of it
        self.assertEqual((one["kind"], one["status"], one["slot"], one["name"]),
                         ("render", "complete", 1, "slot_001"))
        items = self.items(one)
        asked = [i for i in items if i["stage"] == "input"]
        self.assertEqual([(i["content"], i["request"]) for i in asked],
                         [("/render/slot 1 bars=2 outputs=wav24,stems,midi,plot", "r1")])
        checks = [i for i in items if i["type"] == "stage3_safety_check"]
        self.assertEqual([i["output_config_index"] for i in checks], [1, 2, 4])
        for check, output in zip(checks, (report["outputs"][n] for n in (0, 1, 3))):
            self.assertEqual(check["content"]["lufs"], output["check"]["lufs"])
        made = self.items(one, "performer")
        self.assertEqual([(i["type"], i["output_config_index"], i["file"]) for i in made],
                         [("output_audio", 1, "renders/slot_001.24.wav"),
                          ("output_stem", 2, "renders/slot_001.01-kick.wav"),
                          ("output_stem", 2, "renders/slot_001.02-bass.wav"),
                          ("output_midi", 3, "renders/slot_001.mid"),
                          ("output_image", 4, "renders/slot_001.svg")])
        for item in made:
            path = os.path.join(self.d.state, item["file"])
            self.assertEqual(item["content"]["sha256"], sha256(path))
            self.assertEqual(item["content"]["bytes"], os.path.getsize(path))
        self.assertEqual((made[0]["content"]["rate"], made[0]["content"]["channels"]), (48000, 2))
        stats = self.history("stats", f"execution={one['id']}")
        self.assertEqual(stats["outputs"], 5)
        archive = os.path.join(self.d.state, "take.zip")
        self.d.ctl("history", "export", str(one["id"]), "--out", archive)
        with zipfile.ZipFile(archive) as file:
            names = file.namelist()
            for item in made[:3]:
                self.assertEqual(hashlib.sha256(file.read("audio/" + item["file"])).hexdigest(),
                                 item["content"]["sha256"])
        begun = next(i for i in items if i["type"] == "start")["content"]
        self.assertIn(f"scenes/{begun['parts'][0]['pattern']}.json", names)
        diff = self.d.ctl("diff", one["snapshot"], "HEAD").stdout
        self.assertNotIn("kick", diff)

    def test_a_render_made_again_makes_the_same_files(self):
        self.render("slot:1", "--bars", "2", "--outputs", "wav24,flac,stems,midi,plot")
        one = self.last()
        self.d.ask("/seq/add", "kick", "voice1", "XXXX")
        self.d.ask("/pattern/save", 1)  # what it was made of is nowhere else any more
        told = self.d.ctl("replay", str(one["id"])).stdout
        self.assertIn("6 files compared, 6 equal", told)
        folder = os.path.join(self.renders, f"execution_{one['id']}")
        self.assertEqual(len(os.listdir(folder)), 6)
        for name in os.listdir(folder):
            self.assertEqual(sha256(os.path.join(folder, name)), self.hash_of(name))
        again = self.last()
        self.assertEqual((again["snapshot"], again["slot"]), (one["snapshot"], 1))
        self.assertIn("6 files compared, 6 equal", self.d.ctl("replay", str(again["id"])).stdout)
        report = self.render(f"execution:{one['id']}", "--outputs", "ogg", "--name", "other")
        self.assertEqual(report["compared"], {"files": 0, "equal": 0})

    def test_a_processed_set_is_an_execution_and_can_be_made_again(self):
        self.d.ctl("setlist", "new", "friday")
        for song in ("intro", "outro"):
            self.d.ctl("setlist", "add", "friday", song, "1")
            self.d.ctl("setlist", "part", "friday", song, "0", "1")
        self.d.ctl("setlist", "override", "friday", "outro", "master/level", "0")
        self.d.ctl("setlist", "process", "friday", "--outputs", "flac,midi", check=False)
        one = self.last()
        self.assertEqual((one["set"], one["status"]), ("friday", "complete"))
        items = self.items(one)
        blocked = [i for i in items if i["type"] == "stage3_blocked"]
        self.assertEqual([(i["content"]["song"], i["output_config_index"]) for i in blocked],
                         [("outro", 1)])
        self.assertIn("nothing is heard", blocked[0]["content"]["why"])
        files = sorted(i["file"] for i in self.items(one, "performer"))
        self.assertEqual(files, [f"renders/friday/{name}" for name in (
            "intro.flac", "intro.mid", "outro.mid")])
        self.assertIn("3 files compared, 3 equal",
                      self.d.ctl("replay", str(one["id"]), check=False).stdout)

    def test_a_cancelled_render_says_by_whom(self):
        job = self.d.ask("/render/slot", 1, "bars=50000").values[0]
        self.d.ask("/client/name", "ann")
        self.d.ask("/job/cancel", job)
        end = time.monotonic() + 20
        while self.last()["status"] == "running" and time.monotonic() < end:
            time.sleep(0.05)
        one = self.last()
        self.assertEqual(one["status"], "stopped")
        self.assertIn("cancelled by ann", self.items(one)[-1]["content"]["why"])
        self.assertEqual(self.items(one, "performer"), [])

    def test_every_execution_has_a_snapshot_and_every_other_a_diff(self):
        for n in range(3):
            self.d.ask("/seq/bpm", 100.0 + n)
            self.perform(bars=1)
        self.d.client.bundle(("/seq/start",), ("/seq/stop",))
        self.d.client.bundle(("/seq/start",), ("/seq/stop",), ("/seq/start",))
        self.d.ask("/seq/stop")
        shutil.copy(self.d.slot_file(1), self.d.slot_file(7))
        self.render("slot:7", "--bars", "1")
        self.render("pattern", "--bars", "1")
        self.render("snapshot:HEAD", "--bars", "1")
        told = self.history("list", "limit=400")
        self.assertEqual(len(told), 9)
        without = [one["id"] for one in told if not one.get("snapshot")]
        self.assertEqual(without, [])
        first, second = (one["snapshot"] for one in told[-2:])
        self.assertIn("101", self.d.ctl("diff", second, first).stdout)

    def test_a_recording_is_an_output_of_what_was_performed(self):
        self.d.ask("/engine/record/start", "take.wav")
        performed = self.perform(bars=1)
        self.d.ask("/engine/record/stop", timeout=20)
        made = self.items(performed, "performer")
        self.assertEqual([(i["type"], i["file"]) for i in made],
                         [("output_audio", "recordings/take.wav")])
        self.assertEqual(made[0]["content"]["bytes"],
                         os.path.getsize(os.path.join(self.d.state, "recordings", "take.wav")))
        self.d.ask("/seq/start")
        self.d.ask("/engine/record/start", "other.wav")
        self.d.ask("/wait", "bar+1", timeout=20)
        self.d.ask("/engine/record/stop", timeout=20)
        running = self.history("list", "limit=1")[0]
        self.assertEqual([i["file"] for i in self.items(running, "performer")],
                         ["recordings/other.wav"])
        told = self.d.ctl("replay", str(performed["id"])).stdout
        self.assertRegex(told, r"(\d+) seconds compared, \1 equal")

    def test_what_a_song_sets_is_in_the_snapshots_of_it(self):
        self.d.ctl("setlist", "new", "friday")
        self.d.ctl("setlist", "add", "friday", "intro", "1")
        self.d.ctl("setlist", "override", "friday", "intro", "seq/bpm", "132")
        before = json.loads(self.d.document("/snapshot/show", "HEAD"))
        self.d.ctl("setlist", "open", "friday")
        self.d.ctl("setlist", "switch", "intro")
        self.perform(bars=1)
        shown = json.loads(self.d.document("/snapshot/show", "HEAD"))
        self.assertEqual(shown["variables"], {"seq/bpm": 132})
        told = json.loads(self.d.document("/snapshot/compare", before["hash"], "HEAD"))
        self.assertIn("seq/bpm", json.dumps(told["variables"]))

    def test_what_texts_were_read_as_and_what_was_clipped_is_written_down(self):
        self.d.ask("/seq/start")
        self.d.ask("/seq/update/pattern", "kick", "[X.]*2")
        self.d.ask("/seq/bpm", 1000.0)
        one = self.history("list", "limit=1")[0]
        told = [(i["type"], i["content"]) for i in self.items(one) if i["stage"] == "reading"]
        self.assertEqual(told, [
            ("translation_result",
             {"track": "kick", "key": "pattern", "from": "[X.]*2", "to": "X.X."}),
            ("stage1_check", {"address": "/seq/bpm", "clipped_from": 1000, "to": 300})])

    def test_wrong_words_are_answered_with_right_ones(self):
        for words, expected in (
                (["snapshot:nothing"], "snapshot"), (["execution:99"], "execution 99: there is none"),
                (["execution:x"], "is not a number"), (["set:nobody"], "nobody"),
                (["pattern", "--bars", "0"], "1..100000"),
                (["set:friday", "--out", "x"], "--out is for files")):
            with self.subTest(words=words):
                told = self.d.ctl("render", *words, check=False)
                self.assertNotEqual(told.returncode, 0)
                self.assertIn(expected, told.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
