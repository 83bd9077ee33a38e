"""chronusctl doctor: what it says of this machine and of a real daemon, and its exit code."""

import json
import os
import socket
import subprocess
import tempfile
import unittest

import rig
import wire


class Doctor(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.runtime = folder.name

    def run_doctor(self, *words, before=(), **env):
        return subprocess.run([*before, rig.CHRONUSCTL, *words, "doctor"], capture_output=True,
                              text=True, timeout=30,
                              env={**os.environ, "XDG_RUNTIME_DIR": self.runtime, **env})

    def checks(self, *words, **how):
        """Its checks by name, and whether it found all well."""
        done = self.run_doctor("--json", *words, **how)
        told = json.loads(done.stdout)
        self.assertEqual(done.returncode, 0 if told["ok"] else 1)
        self.assertEqual(told["ok"], "bad" not in [check["state"] for check in told["checks"]])
        for check in told["checks"]:
            self.assertTrue(check["advice"] or check["state"] == "ok" or check["name"] == "port", check)
        return {check["name"]: check for check in told["checks"]}


class Alone(Doctor):
    """Without a daemon."""

    def test_no_daemon_is_bad_and_the_advice_is_to_start_one(self):
        daemon = self.checks()["daemon"]
        self.assertEqual((daemon["state"], daemon["advice"]), ("bad", "chronusd"))

    def test_permissions_are_those_a_daemon_started_from_here_would_get(self):
        before = ["prlimit", "--rtprio=0", "--memlock=65536"]
        if os.geteuid() == 0:  # root may all the same, unless it is taken away
            before += ["setpriv", "--bounding-set=-sys_nice,-ipc_lock"]
        if subprocess.run([*before, "true"], capture_output=True).returncode != 0:
            self.skipTest("permissions cannot be taken away here")
        checks = self.checks(before=before)
        self.assertIn("RLIMIT_RTPRIO is 0", checks["realtime"]["text"])
        self.assertIn("'@audio - rtprio 95' >> /etc/security/limits.d/", checks["realtime"]["advice"])
        self.assertIn("RLIMIT_MEMLOCK is 64 KiB", checks["memory"]["text"])
        self.assertIn("'@audio - memlock unlimited'", checks["memory"]["advice"])

    def test_a_port_is_free_or_taken_by_somebody_it_can_name(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            check = self.checks("--port", str(port), "--timeout", "0.2")["port"]
            self.assertEqual(check["state"], "bad")
            self.assertIn(f"process {os.getpid()}", check["text"])
        self.assertEqual(self.checks("--port", str(port), "--timeout", "0.2")["port"]["state"], "ok")

    def test_a_runtime_folder_of_no_use_is_bad(self):
        check = self.checks(XDG_RUNTIME_DIR="/nowhere")["runtime"]
        self.assertEqual(check["state"], "bad")
        self.assertIn("XDG_RUNTIME_DIR", check["advice"])
        os.mkdir(os.path.join(self.runtime, "chronus"))
        os.chmod(os.path.join(self.runtime, "chronus"), 0o777)
        check = self.checks()["runtime"]
        self.assertEqual(check["state"], "warn")
        subprocess.run(check["advice"], shell=True, check=True)
        self.assertEqual(self.checks()["runtime"]["state"], "ok")

    def test_sound_systems_are_those_whose_sockets_are_listened_to(self):
        os.mkdir(os.path.join(self.runtime, "pulse"))
        self.assertNotIn("PulseAudio", self.checks()["sound"]["text"])
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(os.path.join(self.runtime, "pulse", "native"))
            server.listen()
            self.assertIn("PulseAudio", self.checks()["sound"]["text"])
        self.assertNotIn("PulseAudio", self.checks()["sound"]["text"])

    def test_a_page_is_80_columns_wide_and_has_no_colours(self):
        done = self.run_doctor(USER="somebody-with-a-long-name", XDG_RUNTIME_DIR="/nowhere/" + "x" * 30)
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertNotIn("\x1b", done.stdout)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 80)
        for line in done.stdout.splitlines():
            self.assertRegex(line, r"^(ok  |warn|bad |    )")


class WithDaemon(Doctor):
    def start(self, *args):
        daemon = rig.Daemon(*args)
        self.addCleanup(daemon.__exit__)
        self.runtime = daemon.runtime
        return daemon

    def test_a_daemon_in_health_is_told_of_and_nothing_is_bad(self):
        daemon = self.start("--block", "512")
        checks = self.checks()
        self.assertIn(f"process {daemon.process.pid}, port {daemon.port}", checks["daemon"]["text"])
        self.assertIn("null, 48000 Hz, blocks of 512", checks["device"]["text"].replace('"', ""))
        self.assertEqual(checks["store"]["state"], "ok")
        self.assertEqual(checks["messages"]["state"], "ok")
        for name in ("load", "blocks", "realtime", "memory"):
            self.assertIn(name, checks)
        self.assertRegex(checks["blocks"]["text"], r"; (999 of 1000 took at most [0-9.]+ % of "
                         r"their time, the longest [0-9]+ %|the longest took [0-9]+ % of its time)")

    def test_packets_that_cannot_be_read_are_counted(self):
        daemon = self.start()
        with wire.RawClient(daemon.port) as client:
            for _ in range(3):
                client.send(b"nonsense")
        daemon.ask("/status")
        check = self.checks()["messages"]
        self.assertEqual(check["state"], "warn")
        self.assertIn("3 could not be read", check["text"])

    def test_the_port_of_a_daemon_is_its_own(self):
        daemon = self.start()
        check = self.checks("--port", str(daemon.port))["port"]
        self.assertEqual(check["state"], "ok")
        self.assertIn(f"chronusd, process {daemon.process.pid}", check["text"])


if __name__ == "__main__":
    unittest.main()
