"""chronusctl against a real daemon: each command, its exit code, its JSON, its hints."""

import json
import os
import pty
import re
import select
import shlex
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import rig


class WithDaemon(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = rig.Daemon()
        cls.addClassCleanup(cls.daemon.__exit__)

    def setUp(self):
        self.ctl("panic")
        self.ctl("seq", "clear")

    def ctl(self, *words):
        """What it prints; it must succeed."""
        return self.daemon.ctl(*words).stdout

    def json(self, *words):
        return json.loads(self.ctl("--json", *words))

    def refused(self, *words):
        done = self.daemon.ctl(*words, check=False)
        self.assertEqual(done.returncode, 1, f"{words}: {done.stdout} {done.stderr}")
        self.assertEqual(done.stdout, "")
        return done.stderr

    def value(self, *words):
        return self.json("get", *words)["values"][0]

    def tracks(self):
        return {track["name"]: track for track in self.json("seq", "list")}


class Controls(WithDaemon):
    def test_set_tells_what_was_applied_and_get_reads_it_back(self):
        self.assertIn("0.25", self.ctl("set", "reverb1", "mix", "0.25"))
        self.assertEqual(self.ctl("get", "reverb1", "mix").strip(), "0.25")

    def test_set_takes_negative_numbers_names_and_paths(self):
        self.ctl("set", "voice1", "pan", "-.5")
        self.ctl("set", "voice1", "osc/type", "saw")
        self.ctl("set", "lfo1", "target", "voice1/filter/freq")
        self.assertEqual(self.value("voice1", "pan"), -0.5)
        self.assertEqual(self.value("voice1", "osc/type"), 1)
        self.assertEqual(self.ctl("get", "voice1", "osc/type"), "saw\n")
        self.assertIn("voice1/filter/freq", self.ctl("get", "lfo1", "target"))

    def test_set_says_that_it_clipped(self):
        self.assertIn("clipped", self.ctl("set", "voice1", "amp", "7"))

    def test_gate_opens_and_closes_by_words_and_numbers(self):
        for word in ("on", "1"):
            self.assertIn("open", self.ctl("gate", "voice1", word))
        for word in ("off", "0"):
            self.assertIn("closed", self.ctl("gate", "voice1", word))

    def test_send_guesses_types_as_text_looks(self):
        self.ctl("send", "/seq/add", "bass", "voice2", "x..x", "55.5", "notes=C2,E2")
        self.assertEqual(self.tracks()["bass"]["pattern"], "x..x")
        self.assertEqual(self.json("send", "/seq/bpm", "131")["values"], [131])

    def test_send_types_overrule_the_looks(self):
        self.ctl("send", "/seq/add", "7", "voice1", "x", "--types", "sss")
        self.ctl("send", "/mod/voice1/pan", "--types", "T")
        self.assertIn("7", self.tracks())
        self.assertEqual(self.value("voice1", "pan"), 1)

    def test_status_and_version(self):
        self.assertIn("stopped", self.ctl("status"))
        status = self.json("status")
        self.assertEqual((status["running"], status["device"]["kind"]), (False, "null"))
        self.assertEqual(self.json("version")["address"], "/version")

    def test_schema_is_one_json_document(self):
        self.assertGreater(len(json.dumps(self.json("schema"))), 5000)
        json.loads(self.ctl("schema"))
        json.loads(self.ctl("schema", "--format", "json"))
        self.assertLess(len(self.ctl("schema", "/mod/voice1")), len(self.ctl("schema")))

    def test_schema_to_a_file_lies_in_the_state_folder(self):
        self.ctl("schema", "--format", "file")
        names = [name for _, _, files in os.walk(self.daemon.state) for name in files]
        self.assertTrue(any(name.startswith("chronus_schema_") for name in names), names)

    def test_list_names_every_address(self):
        lines = self.ctl("list").split()
        self.assertIn("/mod/voice1/filter/freq", lines)
        self.assertIn("/pattern/load", lines)

    def test_test_sounds_for_a_second(self):
        before = time.monotonic()
        self.ctl("test")
        self.assertGreaterEqual(time.monotonic() - before, 1.0)
        self.assertEqual(self.value("voice1", "freq"), 440)

    def test_test_closes_its_gate_when_interrupted(self):
        process = subprocess.Popen([rig.CHRONUSCTL, "test"], env=self.daemon.env,
                                   stdout=subprocess.PIPE, text=True)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        self.assertIn("voice1", process.communicate(timeout=5)[0])
        self.assertEqual(process.returncode, 0)

    def test_engine_start_and_stop(self):
        self.ctl("start")
        self.ctl("seq-start")
        self.ctl("stop")
        self.assertFalse(self.json("status")["running"])


class Sequencer(WithDaemon):
    def test_a_track_from_birth_to_end(self):
        self.ctl("seq", "add", "bass", "voice2", "X..x", "notes=A1,C2", "gate_frac=0.3")
        self.ctl("seq", "update-pattern", "bass", "x.x.")
        self.ctl("seq", "update-notes", "bass", "E2")
        self.ctl("seq", "set", "bass", "gate_frac", "0.7")
        track = self.tracks()["bass"]
        self.assertEqual(track["pattern"], "x.x.")
        self.assertEqual(float(track["gate_frac"]), 0.7)
        self.assertIn("pattern=x.x.", self.ctl("seq", "list"))
        self.ctl("seq", "remove", "bass")
        self.assertEqual(self.tracks(), {})

    def test_patterns_may_look_like_options_and_lists(self):
        for text, steps in (("-x-x", ".x.x"), ("--x-", "..x."), ("x--x", "x..x")):
            self.ctl("seq", "add", "t", "voice1", text)
            self.assertEqual(self.tracks()["t"]["pattern"], steps)
        self.refused("seq", "add", "t", "voice1", "[x]")  # as the daemon thinks of it, not the shell

    def test_a_track_may_be_called_like_a_command(self):
        self.ctl("seq", "add", "start", "voice1", "x")
        self.ctl("seq", "mute", "start", "on")
        self.ctl("seq", "remove", "start")

    def test_mute_and_solo_are_on_unless_said_otherwise(self):
        self.ctl("seq", "add", "a", "voice1", "x")
        for key in ("mute", "solo"):
            self.ctl("seq", key, "a")
            self.assertIn(str(self.tracks()["a"][key]).lower(), ("1", "true"))
            self.ctl("seq", key, "a", "off")
            self.assertNotIn(str(self.tracks()["a"].get(key, "0")).lower(), ("1", "true"))

    def test_tempo_and_swing_are_set_and_asked(self):
        for name, value in (("bpm", 133.5), ("swing", 0.25)):
            self.ctl("seq", name, str(value))
            self.assertEqual(self.json("seq", name)["values"], [value])

    def test_start_status_stop_and_the_older_names(self):
        for start, status, stop in ((("seq", "start"), ("seq", "status"), ("seq", "stop")),
                                    (("seq-start",), ("seq-status",), ("seq-stop",))):
            self.ctl(*start)
            self.assertIn("running", self.ctl(*status))
            self.ctl(*stop)
            self.assertIs(self.json(*status)["values"][0], False)

    def test_clear_removes_every_track(self):
        self.ctl("seq", "add", "a", "voice1", "x")
        self.ctl("seq", "clear")
        self.assertEqual(self.json("seq", "list"), [])


class Patterns(WithDaemon):
    def test_save_info_copy_load_delete_restore(self):
        self.ctl("seq", "add", "kick", "voice1", "X...")
        self.ctl("pattern", "save", "3", "warmup", "slow", "dub")
        self.assertEqual(self.json("pattern", "info", "3")["name"], "warmup")
        self.ctl("pattern", "copy", "3", "4")
        self.assertLessEqual({3, 4}, {entry["slot"] for entry in self.json("pattern", "list")})
        self.ctl("seq", "clear")
        self.assertIn("warmup", self.ctl("pattern", "load", "4"))
        self.assertEqual(list(self.tracks()), ["kick"])
        self.ctl("pattern", "delete", "4")
        self.assertEqual(len(self.json("pattern", "backups", "4")), 1)
        generation = self.json("pattern", "backups", "4")[0]["generation"]
        self.ctl("pattern", "restore", "4", generation)
        self.assertIn("warmup", self.ctl("pattern", "info", "4"))

    def test_load_waits_for_the_bar_unless_now(self):
        self.ctl("seq", "add", "kick", "voice1", "X...")
        self.ctl("pattern", "save", "5")
        self.ctl("seq", "bpm", "60")
        self.ctl("seq", "start")
        self.assertIn("next bar", self.ctl("pattern", "load", "5"))
        self.assertIs(self.json("pattern", "load", "5", "--now")["values"][2], False)

    def test_what_follows_a_load_at_once_is_an_edit_of_what_was_loaded(self):
        self.ctl("seq", "add", "kick", "voice1", "X...")
        self.ctl("pattern", "save", "7")
        self.ctl("seq", "add", "extra", "voice1", "x")
        for _ in range(10):
            self.ctl("pattern", "load", "7", "--now")
            self.assertEqual(list(self.tracks()), ["kick"])
            self.ctl("seq", "clear")
            self.assertEqual(self.tracks(), {})

    def test_reload_drops_edits(self):
        self.ctl("pattern", "save", "6")
        self.ctl("seq", "add", "extra", "voice1", "x")
        self.ctl("pattern", "reload")
        self.assertNotIn("extra", self.tracks())


class Recording(WithDaemon):
    def test_start_status_stop_leave_a_file(self):
        self.ctl("record", "start", "take.wav")
        self.assertTrue(self.json("record", "status")["active"])
        time.sleep(0.3)
        path = self.json("record", "stop")["values"][0]
        rate, sound = rig.read_wav(path)
        self.assertEqual(rate, rig.RATE)
        self.assertGreater(len(sound), rig.RATE // 10)
        self.assertFalse(self.json("record", "status")["active"])


class Waiting(WithDaemon):
    def test_wait_bar_comes_back_when_the_bar_plays(self):
        self.ctl("seq", "bpm", "240")  # a bar a second
        self.ctl("seq", "start")
        before = time.monotonic()
        self.assertIn("bar 2", self.ctl("wait-bar", "2"))
        took = time.monotonic() - before
        self.assertGreater(took, 0.6)
        self.assertLess(took, 1.6)
        self.assertGreaterEqual(self.json("status")["bar"], 2)
        self.assertIn("bar 2", self.ctl("wait-bar", "1"))

    def test_wait_bar_ends_in_time_and_not_for_a_standing_sequencer(self):
        self.assertIn("stopped", self.refused("wait-bar", "2"))
        self.ctl("seq", "start")
        before = time.monotonic()
        self.assertIn("did not come", self.refused("wait-bar", "900", "--timeout", "0.4"))
        self.assertLess(time.monotonic() - before, 2)


class Hints(WithDaemon):
    REFUSED = (
        ("pattern", "load", "200"),
        ("pattern", "load", "0"),
        ("pattern", "load", "abc"),
        ("pattern", "save", "129"),
        ("set", "voice99", "freq", "440"),
        ("set", "voice1", "frek", "440"),
        ("set", "voice1", "freq", "high"),
        ("set", "voice1", "osc/type", "fish"),
        ("get", "voice1", "filter/frequ"),
        ("gate", "voice99", "on"),
        ("gate", "voce1", "on"),
        ("seq", "add", "k", "voice99", "X..."),
        ("seq", "add", "k", "voice1", "X.y."),
        ("seq", "add", "k", "voice1", "X...", "amplitude=1"),
        ("seq", "add", "k", "voice1", "X...", "gate_frac=long"),
        ("seq", "remove", "kik"),
        ("seq", "update-pattern", "kick", "X?"),
        ("seq", "set", "kick", "gate", "1"),
        ("seq", "bpm", "fast"),
        ("pattern", "copy", "1", "300"),
        ("record", "stop"),
        ("wait-bar", "2"),
        ("send", "/seq/strat"),
        ("send", "/seq/add", "k"),
        ("schema", "/nothing"),
    )

    def setUp(self):
        super().setUp()
        self.ctl("seq", "add", "kick", "voice1", "X...")
        for slot in ("1", "128"):
            self.ctl("pattern", "save", slot)

    def tearDown(self):
        self.daemon.ctl("record", "stop", check=False)

    def apply(self, line):
        words = shlex.split(line.removeprefix("try: "))
        self.assertEqual(words[0], "chronusctl", line)
        return self.daemon.ctl(*words[1:], check=False)

    def test_a_hint_typed_as_it_stands_succeeds(self):
        silent = []  # a sentence may say enough by itself, but that is the exception
        for words in self.REFUSED:
            with self.subTest(" ".join(words)):
                why, *hint = self.refused(*words).splitlines()
                self.assertTrue(why.startswith("chronusctl: "), why)
                if not hint:
                    silent.append(why)
                    continue
                done = self.apply(hint[0])
                self.assertEqual(done.returncode, 0, f"{hint[0]}: {done.stderr}")
                self.daemon.ctl("record", "stop", check=False)
                self.ctl("panic")
        self.assertLessEqual(len(silent), 2, silent)

    def test_the_hint_keeps_the_port_that_was_given(self):
        line = self.refused("--port", str(self.daemon.port), "seq", "bpm", "fast").splitlines()[1]
        self.assertIn(f"--port {self.daemon.port}", line)
        self.assertEqual(self.apply(line).returncode, 0)

    def test_json_refusals_say_code_symbol_message_and_hint(self):
        done = self.daemon.ctl("pattern", "load", "200", "--json", check=False)
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        answer = json.loads(done.stdout)
        self.assertIs(answer["ok"], False)
        self.assertEqual((answer["code"], answer["symbol"]), (-102, "OUT_OF_RANGE"))
        self.assertEqual(answer["hint"], "/pattern/load 128")


class Describe(WithDaemon):
    def test_says_of_a_parameter_what_can_be_set_and_what_is(self):
        self.ctl("set", "voice1", "filter/freq", "800")
        for name in ("/mod/voice1/filter/freq", "voice1/filter/freq", "/mod/voice1/filter/freq/"):
            text = self.ctl("describe", name)
            for words in ("Cutoff", "unit      Hz", "range     20..20000", "default   1000",
                          "value     800"):
                self.assertIn(words, text)

    def test_says_choices_by_their_names(self):
        self.ctl("set", "voice1", "osc/type", "square")
        told = self.json("describe", "/mod/voice1/osc/type")
        self.assertEqual((told["default"], told["value"]), ("sine", "square"))
        self.assertIn("triangle", told["choices"])

    def test_says_of_a_command_what_it_takes(self):
        text = self.ctl("describe", "/pattern/load")
        self.assertTrue(text.startswith("/pattern/load slot [immediate]\n"), text)
        self.assertIn("may be missing", text)
        self.assertIn("...", self.ctl("describe", "/seq/add").splitlines()[0])

    def test_says_of_a_topic_what_is_told_and_how_to_hear_of_it(self):
        told = self.json("describe", "/seq/position")
        self.assertEqual((told["kind"], told["example"]), ("topic", "/subscribe /seq/position"))
        self.assertEqual([a["name"] for a in told["arguments"]], ["bar", "beat", "step"])
        self.ctl("send", *shlex.split(told["example"]))

    def test_every_address_can_be_described_and_examples_of_controls_work(self):
        for address in self.ctl("list").split():
            if re.match(r"/(mod|gate)/voice[2-7]", address):
                continue  # as voice1
            with self.subTest(address):
                told = self.json("describe", address)
                self.assertTrue(told["doc"].endswith("."), told)
                self.assertTrue(told["example"].startswith(address), told)
                if told["kind"] != "command":
                    self.ctl("send", *shlex.split(told["example"]))

    def test_lists_what_is_below_an_address(self):
        self.assertIn("/pattern/load", self.ctl("describe", "/pattern"))
        self.assertIn("/mod/voice1/adsr/attack", self.ctl("describe", "/mod/voice1"))
        self.assertIn("/mod/voice8\n", self.ctl("describe", "/mod"))
        self.assertIn("/seq\n", self.ctl("describe", "/"))

    def test_names_the_nearest_of_what_it_does_not_know(self):
        for wrong, right in (("/seq/strat", "/seq/start"), ("/gate/voce1", "/gate/voice1"),
                             ("/mod/voice1/filter/frq", "/mod/voice1/filter/freq")):
            hint = self.refused("describe", wrong).splitlines()[1]
            self.assertEqual(hint, f"try: chronusctl describe {right}")
            self.ctl("describe", right)

    def test_says_that_a_voice_is_not_in_this_daemon(self):
        for address in ("/mod/voice64/freq", "/gate/voice9"):
            self.assertIn("not in this daemon", self.ctl("describe", address))
        self.refused("describe", "/mod/voice65/freq")


class Json(WithDaemon):
    COMMANDS = (
        ("status",), ("version",), ("list",), ("schema",), ("get", "voice1", "freq"),
        ("set", "voice1", "freq", "330"), ("gate", "voice1", "off"), ("panic",), ("start",),
        ("seq", "status"), ("seq", "list"), ("seq", "bpm"), ("pattern", "list"),
        ("record", "status"), ("seq-status",), ("send", "/seq/swing"),
    )

    def test_stands_before_or_after_the_command_and_can_be_parsed(self):
        for words in self.COMMANDS:
            with self.subTest(" ".join(words)):
                first = json.loads(self.ctl("--json", *words))
                last = json.loads(self.ctl(*words, "--json"))
                self.assertEqual(type(first), type(last))

    def test_an_answer_without_a_document_says_ok_address_text_rev_values(self):
        answer = self.json("seq", "bpm", "128")
        self.assertEqual(set(answer), {"ok", "address", "text", "rev", "values"})
        self.assertEqual((answer["ok"], answer["address"], answer["values"]),
                         (True, "/seq/bpm", [128]))

    def test_many_tracks_are_one_list(self):
        for n in range(40):
            self.ctl("seq", "add", f"track{n}", "voice1", "x..." * 16)
        self.assertEqual(len(self.json("seq", "list")), 40)


class Watch(WithDaemon):
    def setUp(self):
        super().setUp()
        self.ctl("seq", "add", "kick", "voice1", "X...x...")
        self.ctl("seq", "add", "hat", "voice2", "..x...x.", "mute=1")
        self.ctl("seq", "start")

    def test_once_is_one_plain_frame(self):
        frame = self.ctl("watch", "--once")
        self.assertNotIn("\x1b", frame)
        kick = next(line for line in frame.splitlines() if line.startswith("kick"))
        self.assertRegex(kick, r"^kick +1 +(-[0-9.]+|-)[^0-9.]")
        grid = kick[kick.index("X") :]
        self.assertEqual([c for c in grid if c in "Xx."], list("X...x..."))
        self.assertIn(" LUFS, ", frame)
        hat = next(line for line in frame.splitlines() if line.startswith("hat"))
        self.assertIn(" M", hat)
        self.assertIn("null", frame)
        self.assertLessEqual(max(map(len, frame.splitlines())), 80)

    def test_without_a_terminal_it_needs_no_once(self):
        self.assertIn("kick", self.ctl("watch"))

    def test_draws_only_ascii_where_the_locale_does(self):
        done = subprocess.run([rig.CHRONUSCTL, "watch", "--once"], capture_output=True,
                              env=dict(self.daemon.env, LC_ALL="C"), timeout=10)
        self.assertTrue(done.stdout.isascii())
        self.assertIn(b">", done.stdout)

    def live(self, end):
        """Runs it on a terminal for a while; what it wrote, its exit code, the settings after."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(rig.CHRONUSCTL, [rig.CHRONUSCTL, "watch"],
                      dict(self.daemon.env, TERM="xterm", LC_ALL="C.UTF-8"))
        written = self.read(terminal, 0.6)
        end(pid, terminal)
        written += self.read(terminal, 3.0)
        os.close(terminal)
        return written, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def read(self, terminal, seconds):
        out, until = b"", time.monotonic() + seconds
        while time.monotonic() < until:
            if select.select([terminal], [], [], 0.05)[0]:
                try:
                    out += os.read(terminal, 65536)
                except OSError:  # it ended
                    return out
        return out

    def test_gives_the_terminal_back_after_q_and_after_signals(self):
        for end in (lambda pid, terminal: os.write(terminal, b"q"),
                    lambda pid, terminal: os.write(terminal, b"\x03"),
                    lambda pid, terminal: os.kill(pid, signal.SIGTERM)):
            written, code = self.live(end)
            self.assertEqual(code, 0)
            self.assertTrue(written.endswith(b"\x1b[?25h\x1b[?1049l"), written[-40:])
            self.assertGreater(written.count(b"\x1b[H"), 3)
            self.assertIn("kick".encode(), written)


class CommandLine(unittest.TestCase):
    """Without any daemon."""

    def run_ctl(self, *words):
        with tempfile.TemporaryDirectory() as runtime:
            return subprocess.run([rig.CHRONUSCTL, *words], capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, env=dict(os.environ, XDG_RUNTIME_DIR=runtime), timeout=10)

    def test_no_daemon_is_code_2_and_says_what_to_do(self):
        for words in (("status",), ("seq", "start"), ("watch",), ("wait-bar", "2"), ("test",)):
            done = self.run_ctl(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn("no daemon is running (start chronusd, or give --port)", done.stderr)

    def test_a_closed_port_is_code_2_at_once(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        before = time.monotonic()
        done = self.run_ctl("--port", str(port), "status", "--json")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(json.loads(done.stdout)["symbol"], "NO_DAEMON")
        self.assertLess(time.monotonic() - before, 1.5)

    def test_timeout_bounds_the_wait_for_a_silent_port(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            before = time.monotonic()
            done = self.run_ctl("--port", str(silent.getsockname()[1]), "--timeout", "0.3", "status")
            self.assertEqual(done.returncode, 2)
            self.assertLess(time.monotonic() - before, 1.5)

    def test_wrong_command_lines_are_code_64_and_name_what_is_near(self):
        for words, said in (((), "--help"), (("stauts",), "status"), (("seq", "ad"), "seq add"),
                            (("seq",), "--help"), (("seq", "add"), "TRACK"),
                            (("seq", "stop", "now"), "now"), (("gate", "voice1", "maybe"), "maybe"),
                            (("status", "--bogus"), "--bogus"), (("wait-bar", "x"), "x"),
                            (("send", "nothing"), "/"), (("--port", "0", "status"), "--port"),
                            (("send", "/x", "a", "--types", "i"), "i"),
                            (("schema", "--format", "xml"), "xml"), (("describe",), "ADDRESS"),
                            (("repl", "now"), "now"), (("doctor", "who"), "who")):
            done = self.run_ctl(*words)
            self.assertEqual(done.returncode, 64, f"{words}: {done.stdout} {done.stderr}")
            self.assertIn(said, done.stderr)

    def test_version_and_help_need_no_daemon(self):
        self.assertRegex(self.run_ctl("--version").stdout, r"^chronusctl \d+\.\d+\.\d+\n$")
        for words in ((), ("seq",), ("seq", "add"), ("watch",)):
            done = self.run_ctl(*words, "--help")
            self.assertEqual(done.returncode, 0)
            self.assertIn("chronusctl", done.stdout)

    def test_help_has_an_example_of_every_command_that_the_parser_takes(self):
        text = self.run_ctl("--help").stdout
        examples = [line.strip().removeprefix("$ chronusctl ")
                    for line in text.splitlines() if line.strip().startswith("$ ")]
        self.assertGreater(len(examples), 40)
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        for example in examples:
            done = self.run_ctl(*shlex.split(example))
            asks_nobody = example.split()[0] in ("fmt", "describe", "repl")
            refused = example.split()[0] in ("doctor", "render")  # no daemon, no such file
            code = 0 if asks_nobody else 1 if refused else 2
            self.assertEqual(done.returncode, code, f"{example}: {done.stderr}")

    def test_describe_needs_no_daemon_but_for_the_value(self):
        done = self.run_ctl("describe", "/mod/reverb1/mix")
        self.assertEqual(done.returncode, 0)
        self.assertIn("default   0.3", done.stdout)
        self.assertIn("no daemon answers", done.stdout)
        self.assertNotIn("value", json.loads(self.run_ctl("--json", "describe", "lfo1/rate").stdout))
        self.assertIn("bar beat step", self.run_ctl("describe", "/seq/position").stdout)
        self.assertEqual(self.run_ctl("describe", "/nothing/like/it").returncode, 1)

    def test_fmt_prints_a_pattern_as_it_is_kept_without_a_daemon(self):
        done = self.run_ctl("fmt", "[X.x.]*2 | x{res=.7}*3?40")
        self.assertEqual((done.returncode, done.stdout), (0, "X.x.X.x.x*3?40{res=0.7}\n"))
        done = self.run_ctl("fmt", "x*9")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("column 3", done.stderr)
        self.assertIn("try: x*8", done.stderr)


if __name__ == "__main__":
    unittest.main()
