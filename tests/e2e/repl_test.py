"""chronusctl repl against a real daemon: through a pipe, and with keys on a terminal."""

import json
import os
import pty
import re
import select
import shutil
import signal
import stat
import subprocess
import tempfile
import time
import unittest

import rig

PROMPT = "chronus> "


class WithDaemon(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        home = tempfile.mkdtemp(prefix="chronus-home-")
        cls.addClassCleanup(shutil.rmtree, home, ignore_errors=True)
        cls.history = os.path.join(home, "chronus", "repl_history")
        cls.daemon = rig.Daemon(env={"XDG_STATE_HOME": home, "HOME": home})
        cls.addClassCleanup(cls.daemon.__exit__)

    def setUp(self):
        self.daemon.ask("/panic")
        self.daemon.ask("/seq/clear")
        if os.path.exists(self.history):
            os.remove(self.history)


class Piped(WithDaemon):
    def pipe(self, *lines, options=()):
        return subprocess.run([rig.CHRONUSCTL, *options, "repl"], input="\n".join(lines), text=True,
                              capture_output=True, env=self.daemon.env, timeout=30)

    def test_messages_commands_and_short_commands_are_carried_out_in_order(self):
        done = self.pipe("/seq/bpm 133", "seq bpm", "bpm 134", "# a remark", "",
                         "chronusctl add 'my kick' voice1 'X... x...'", "save 9 one", "load 9 --now")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.splitlines()[:3], ["133", "133", "134"])
        track, = self.daemon.tracks()
        self.assertEqual((track["name"], track["pattern"]), ("my kick", "X...x..."))
        self.assertIn("slot 9", done.stdout)

    def test_the_exit_code_is_that_of_the_first_line_that_failed(self):
        for lines, code in ((("/seq/bpm 120",), 0), ((), 0), (("load 200", "nonsense"), 1),
                            (("nonsense", "load 200"), 64), (("seq bpm 'x",), 64), (("!",), 64),
                            (("repl",), 64), (("exit", "load 200"), 0),
                            (("--port 1 status", "status"), 2)):
            with self.subTest(lines):
                self.assertEqual(self.pipe(*lines).returncode, code)

    def test_a_failed_line_keeps_no_other_from_being_carried_out(self):
        done = self.pipe("load 200", "bpm 99")
        self.assertEqual((done.returncode, done.stdout), (1, "99\n"))

    def test_hints_are_lines_of_the_repl_and_an_exclamation_mark_takes_them(self):
        self.daemon.ask("/seq/add", "kick", "voice1", "X...")
        for line in ("/seq/strat", "seq mute kik", "/mod/voice1/osc/type fish", "bpm fast", "stauts",
                     "/pattern/save 129", "describe /seq/strat"):
            with self.subTest(line):
                done = self.pipe(line, "!")
                hint = done.stderr.splitlines()[-1]
                self.assertRegex(hint, r"^try: (?!chronusctl)")
                self.assertEqual(done.stdout.splitlines()[0], hint.removeprefix("try: "))
                self.assertEqual(len(done.stderr.splitlines()), 2, "the hint failed: " + done.stderr)

    def test_a_hint_is_taken_once_and_goes_when_something_succeeds(self):
        for lines in (("load 200", "bpm 120", "!"), ("/seq/strat", "!", "!")):
            self.assertIn("nothing was refused", self.pipe(*lines).stderr)

    def test_json_is_a_document_a_line(self):
        done = self.pipe("bpm 140", "load 200", "get voice1 osc/type", options=("--json",))
        first, second, third = map(json.loads, done.stdout.splitlines())
        self.assertEqual((first["values"], second["ok"], third["text"]), ([140], False, "sine"))

    def test_lines_are_answered_while_the_pipe_is_open(self):
        with subprocess.Popen([rig.CHRONUSCTL, "repl"], stdin=subprocess.PIPE, text=True,
                              stdout=subprocess.PIPE, env=self.daemon.env) as process:
            for bpm in ("121", "122"):
                process.stdin.write(f"/seq/bpm {bpm}\n")
                process.stdin.flush()
                self.assertEqual(process.stdout.readline(), bpm + "\n")
            process.stdin.close()
            self.assertEqual(process.wait(timeout=5), 0)

    def test_what_a_client_says_of_itself_holds_for_all_its_lines(self):
        done = self.pipe("/client/replies 0 --timeout 0.3", "--timeout 0.3 /seq/bpm 150")
        self.assertEqual((done.returncode, done.stdout), (2, ""))  # silent, as it was told to be
        self.assertEqual(done.stderr.count("nothing came"), 2)
        self.assertEqual(self.daemon.ask("/seq/bpm").values, (150,))

    def test_an_interrupt_ends_a_pipe_and_not_only_its_command(self):
        self.daemon.ask("/seq/start")
        with subprocess.Popen([rig.CHRONUSCTL, "repl"], stdin=subprocess.PIPE, text=True,
                              stdout=subprocess.PIPE, env=self.daemon.env) as process:
            process.stdin.write("bpm 98\nwait-bar 9000\nbpm 99\n")
            process.stdin.flush()
            self.assertEqual(process.stdout.readline(), "98\n")
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            self.assertEqual((process.wait(timeout=5), process.stdout.read()), (1, ""))

    def test_without_a_daemon_each_line_says_so(self):
        with tempfile.TemporaryDirectory() as empty:
            done = subprocess.run([rig.CHRONUSCTL, "repl"], input="status\nfmt x..x\n", text=True,
                                  capture_output=True, env=dict(self.daemon.env, XDG_RUNTIME_DIR=empty))
        self.assertEqual((done.returncode, done.stdout), (2, "x..x\n"))
        self.assertIn("no daemon is running", done.stderr)


class Terminal:
    """A person at a terminal: what stands on the screen is read back from the bytes."""

    def __init__(self, env, columns=80):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(rig.CHRONUSCTL, [rig.CHRONUSCTL, "repl"],
                      dict(env, TERM="xterm", LC_ALL="C.UTF-8", COLUMNS=str(columns)))
        self.unread = ""
        self.wait_for(PROMPT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.fd is not None:
            os.kill(self.pid, signal.SIGKILL)
            self.end()

    def wait_for(self, text, seconds=10):
        """Reads until `text` is there; all up to its end, without control sequences."""
        until = time.monotonic() + seconds
        while text not in self.unread:
            if time.monotonic() > until:
                raise AssertionError(f"{text!r} did not come; there is {self.unread!r}")
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    self.unread = plain(self.unread + os.read(self.fd, 65536).decode(errors="replace"))
                except OSError:
                    raise AssertionError(f"it ended: {self.unread!r}") from None
        end = self.unread.index(text) + len(text)
        read, self.unread = self.unread[:end], self.unread[end:]
        return read

    def type(self, keys, shows):
        os.write(self.fd, keys.encode())
        return self.wait_for(shows)

    def end(self):
        """Reads until it has ended by itself; its exit code."""
        try:
            while select.select([self.fd], [], [], 10)[0]:
                os.read(self.fd, 65536)
            raise AssertionError("it does not end")
        except OSError:
            pass
        os.close(self.fd)
        self.fd = None
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def plain(text):
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "")


class Typed(WithDaemon):
    def terminal(self):
        terminal = Terminal(self.daemon.env)
        self.addCleanup(terminal.__exit__)
        return terminal

    def test_tab_completes_addresses_part_by_part_and_the_line_is_sent(self):
        terminal = self.terminal()
        terminal.type("/mod/rev\t", "/mod/reverb1/")
        terminal.type("mi\t", "mix ")
        terminal.type("0.125\r", "0.125\n" + PROMPT)
        self.assertEqual(self.daemon.ask("/mod/reverb1/mix"), [0.125])

    def test_tab_lists_what_there_is_to_choose_from(self):
        terminal = self.terminal()
        shown = terminal.type("/mod/voice\t", "/mod/voice8/")
        self.assertIn("/mod/voice1/", shown)
        shown = terminal.type("1/osc/t\ts\t", "sync\n")
        self.assertEqual(shown.split()[-5:], ["saw", "sine", "square", "supersaw", "sync"])

    def test_tab_knows_choices_tracks_slots_and_keys_of_this_moment(self):
        self.daemon.ask("/seq/add", "lead one", "voice1", "X...")
        self.daemon.ask("/pattern/save", 77)
        terminal = self.terminal()
        for typed, completed in (("/mod/voice1/filter/type no\t", "notch "),
                                 ("set voice1 osc/type tri\t", "angle "),
                                 ("seq mute le\t", "'lead one' "), ("/seq/mute le\t", "'lead one' "),
                                 ("mute le\t", "'lead one' "), ("load 7\t", "7 "),
                                 ("/pattern/load 7\t", "7 "), ("/seq/set x gate\t", "_frac "),
                                 ("seq add b voice1 X len\t", "="), ("gate voice1 of\t", "f "),
                                 ("/at ba\t/pattern/load 7\t", "7 "), ("/seq/quant be\t", "at "),
                                 ("/subscribe /seq/pos\t", "ition "), ("/seq/pos\t", ""),
                                 ("pattern res\t", "tore "), ("describe /engine/rec\t", "ord/"),
                                 ("load 77 --n\t", "ow "), ("help seq upd\t", "ate-")):
            with self.subTest(typed):
                terminal.type(typed, completed)
                terminal.type("\x15", "")  # ^U: an empty line again

    def test_tab_says_what_is_wanted_where_nothing_can_be_offered(self):
        terminal = self.terminal()
        terminal.type("seq add k voice1 \t", "seq add TRACK VOICE PATTERN [KEY=VALUE...]")
        terminal.type("\x15/mod/voice1/freq \t", "20..20000")

    def test_arrows_bring_lines_back_also_in_the_next_session(self):
        terminal = self.terminal()
        terminal.type("bpm 141\r", "141\n" + PROMPT)
        terminal.type("bpm 142\r", "142\n" + PROMPT)
        terminal.type("\x1b[A\x1b[A\r", "141\n" + PROMPT)
        os.write(terminal.fd, b"\x04")
        self.assertEqual(terminal.end(), 0)
        self.assertEqual(stat.S_IMODE(os.stat(self.history).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.dirname(self.history)).st_mode), 0o700)
        terminal = self.terminal()
        terminal.type("\x1b[A\x1b[A\r", "142\n" + PROMPT)
        self.assertEqual(self.daemon.ask("/seq/bpm").values, (142,))

    def test_an_end_of_input_typed_as_soon_as_the_prompt_is_there_ends_it(self):
        for _ in range(20):
            terminal = self.terminal()
            os.write(terminal.fd, b"\x04")
            self.assertEqual(terminal.end(), 0)

    def test_tokens_and_lines_behind_a_blank_are_not_remembered(self):
        terminal = self.terminal()
        for line in (" bpm 143", "/auth secret", "bpm 144"):
            terminal.type(line + "\r", "\n" + PROMPT)
        with open(self.history, encoding="utf-8") as file:
            self.assertEqual(file.read(), "bpm 144\n")

    def test_the_history_does_not_grow_for_ever(self):
        os.makedirs(os.path.dirname(self.history), exist_ok=True)
        with open(self.history, "w", encoding="utf-8") as file:
            file.writelines(f"bpm {n}\n" for n in range(5000))
        terminal = self.terminal()
        terminal.type("\x1b[A", "bpm 4999")
        with open(self.history, encoding="utf-8") as file:
            self.assertEqual(file.read().split("\n")[0], "bpm 4000")

    def test_a_hint_is_taken_by_tab_or_by_an_exclamation_mark(self):
        self.daemon.ask("/pattern/save", 5)
        for keys in ("\t\r", "!\r"):
            terminal = self.terminal()
            terminal.type("load 200\r", "try: /pattern/load")
            shown = terminal.type(keys, "plays now\n" + PROMPT)
            self.assertIn("/pattern/load", shown)

    def test_ctrl_c_gives_up_the_line_or_the_wait_and_not_the_program(self):
        terminal = self.terminal()
        terminal.type("bpm 19", "bpm 19")
        terminal.type("\x03", "\n" + PROMPT)
        self.daemon.ask("/seq/start")
        terminal.type("wait-bar 9000\r", "\n")
        time.sleep(0.3)
        terminal.type("\x03", PROMPT)
        terminal.type("bpm 145\r", "145\n" + PROMPT)

    def test_letters_beyond_ascii_are_letters(self):
        terminal = self.terminal()
        terminal.type("add trömmel voice1 X\r", "track trömmel added")
        terminal.type("mute tr\t\r", "mute 1")

    def test_what_comes_unasked_is_shown_above_the_line_being_typed(self):
        terminal = self.terminal()
        terminal.type("record start\r", "recording to")
        os.write(terminal.fd, b"--timeout 0.001 record stop\rbpm 14")  # answered too late
        terminal.wait_for("/engine/record/stop: recorded")
        terminal.wait_for(PROMPT + "bpm 14")  # drawn anew beneath
        terminal.type("6\r", "146\n" + PROMPT)
        self.assertEqual(self.daemon.ask("/seq/bpm").values, (146,))

    def test_what_was_subscribed_to_is_shown_above_the_line_being_typed(self):
        terminal = self.terminal()
        terminal.type("/subscribe /mod/delay1/time\r", "/mod/delay1/time 0.25\n" + PROMPT)
        terminal.type("bpm 14", "bpm 14")
        self.daemon.ask("/client/replies", 2)
        self.daemon.ask("/mod/delay1/time", 0.5)
        terminal.wait_for("/mod/delay1/time 0.5\n" + PROMPT + "bpm 14")
        terminal.type("8\r", "148\n" + PROMPT)

    def test_an_answer_that_takes_its_time_is_shown_when_it_comes(self):
        self.daemon.ask("/seq/bpm", 60)
        self.daemon.ask("/seq/start")
        terminal = self.terminal()
        terminal.type("/wait bar+2\r", "no answer yet")  # 4 to 8 s, and 2 are waited for
        terminal.wait_for(PROMPT)
        terminal.wait_for("/wait")
        terminal.type("bpm 147\r", "147\n" + PROMPT)

    def test_signals_end_it_with_the_terminal_as_it_was(self):
        self.daemon.ask("/seq/start")
        for number, typed in ((signal.SIGTERM, "bpm"), (signal.SIGHUP, "bpm"),
                              (signal.SIGTERM, "wait-bar 9000\r")):
            terminal = self.terminal()
            terminal.type(typed, "\n" if typed.endswith("\r") else typed)
            time.sleep(0.2)
            os.kill(terminal.pid, number)
            self.assertEqual(terminal.end(), 0)

    def test_another_daemon_is_found_when_the_first_is_gone(self):
        with rig.Daemon() as first, tempfile.TemporaryDirectory() as state:
            terminal = Terminal(first.env)
            self.addCleanup(terminal.__exit__)
            terminal.type("bpm 150\r", "150\n" + PROMPT)
            first.kill()
            terminal.type("bpm 151\r", "no daemon")
            second = subprocess.Popen(
                [rig.CHRONUSD, "--device", "null", "--port", "0", "--viz-port", "0", "--state", state],
                stdout=subprocess.PIPE, text=True, env=first.env)
            while "listening" not in second.stdout.readline():
                pass
            terminal.type("bpm 152\r", "152\n" + PROMPT)
            second.terminate()
            second.communicate(timeout=20)


if __name__ == "__main__":
    unittest.main()
