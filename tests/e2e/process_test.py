"""The daemon as a process: how soon it answers, what it costs, how it comes and goes.

The figures are printed; limits of time are generous, as machines that run tests are shared."""

import json
import os
import re
import statistics
import time
import unittest

from rig import RATE, Daemon, kick

START_MS, IDLE_PERCENT, PRIVATE_MIB = 250, 5.0, 8.0
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """Time on a core, of all its threads, in nanoseconds' resolution."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1e9


def private_mib(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return sum(map(int, re.findall(r"^Private_\w+: +(\d+) kB", file.read(), re.M))) / 1024


def files_below(folder):
    return [os.path.join(where, name) for where, _, names in os.walk(folder) for name in names]


class Figures(unittest.TestCase):
    def test_first_answer_comes_soon_after_exec(self):
        times = []
        for _ in range(10):
            with Daemon() as d:
                d.ask("/version")
                times.append((time.monotonic() - d.started) * 1000)
        print(f"\nexec to first answer: median {statistics.median(times):.1f} ms, "
              f"best {min(times):.1f} ms, worst {max(times):.1f} ms")
        self.assertLess(min(times), START_MS)

    def test_idle_costs_little_and_playing_not_much(self):
        with Daemon() as d:
            time.sleep(3.0)  # the effects have come to rest
            before, began = cpu_seconds(d.process.pid), time.monotonic()
            time.sleep(10.0)
            idle = 100 * (cpu_seconds(d.process.pid) - before) / (time.monotonic() - began)
            fresh = private_mib(d.process.pid)
            for voice in range(1, 9):
                d.ask("/seq/add", f"t{voice}", f"voice{voice}", "X.x.", 110.0 * voice,
                      "reverb_send=0.3", "delay_send=0.3")
            d.ask("/seq/start")
            time.sleep(1.0)
            before, began = cpu_seconds(d.process.pid), time.monotonic()
            time.sleep(3.0)
            playing = 100 * (cpu_seconds(d.process.pid) - before) / (time.monotonic() - began)
            memory = private_mib(d.process.pid)
        print(f"\nidle {idle:.2f} % of a core, playing 8 voices {playing:.2f} %; private memory "
              f"{fresh:.2f} MiB when fresh, {memory:.2f} MiB while playing")
        self.assertLess(idle, IDLE_PERCENT)
        self.assertLess(memory, PRIVATE_MIB)


class Life(unittest.TestCase):
    def test_sigterm_ends_it_with_0_and_nothing_stays_in_the_runtime_folder(self):
        with Daemon() as d:
            kick(d)
            d.ask("/seq/start")
            self.assertNotEqual(files_below(d.runtime), [])
            self.assertEqual(d.stop(), 0)
            self.assertEqual(files_below(d.runtime), [])

    def test_a_file_in_the_runtime_folder_tells_where_it_listens(self):
        with Daemon() as d:
            found = files_below(d.runtime)
            socket = [path for path in found if path.endswith(".socket")]
            told = [path for path in found if path not in socket]
            self.assertEqual((len(told), len(socket)), (1, 1), found)
            self.assertEqual(os.stat(socket[0]).st_mode & 0o777, 0o600)
            with open(told[0], encoding="utf-8") as file:
                told = dict(line.rstrip("\n").split(" ", 1) for line in file)
            self.assertEqual(told, {"pid": str(d.process.pid), "host": "127.0.0.1",
                                    "port": str(d.port), "state": d.state,
                                    "socket": socket[0]})

    def test_state_belongs_to_its_owner_alone(self):
        with Daemon() as d:
            kick(d)
            d.ask("/pattern/save", 1)
            for where, folders, _ in os.walk(d.state):
                for folder in folders:
                    path = os.path.join(where, folder)
                    self.assertEqual(os.stat(path).st_mode & 0o077, 0, path)

    def test_two_daemons_side_by_side_do_not_meet(self):
        with Daemon() as first, Daemon() as second:
            self.assertNotEqual(first.port, second.port)
            for d, bpm in ((first, 90.0), (second, 150.0)):
                d.ask("/seq/bpm", bpm)
                d.ask("/pattern/save", 1, f"at {bpm}")
                d.ask("/seq/start")
            time.sleep(0.5)
            for d, bpm in ((first, 90.0), (second, 150.0)):
                self.assertEqual(d.status()["bpm"], bpm)
                self.assertEqual(json.loads(d.ask("/pattern/list").values[1])[0]["name"],
                                 f"at {bpm}")
            first.stop()
            self.assertTrue(second.status()["running"])

    def test_it_listens_on_this_machine_only(self):
        """Every socket it has of the network is bound to 127.0.0.1."""
        with Daemon() as d:
            inodes = set()
            for fd in os.listdir(f"/proc/{d.process.pid}/fd"):
                try:
                    inodes.update(re.findall(r"socket:\[(\d+)\]",
                                             os.readlink(f"/proc/{d.process.pid}/fd/{fd}")))
                except FileNotFoundError:
                    pass
            bound = []
            for table in ("udp", "udp6", "tcp", "tcp6"):
                with open(f"/proc/{d.process.pid}/net/{table}", encoding="ascii") as file:
                    for line in file.readlines()[1:]:
                        words = line.split()
                        if words[9] in inodes:
                            bound.append((table, words[1]))
            here = f"0100007F:{d.port:04X}"
            self.assertEqual(sorted(bound), [("tcp", here), ("udp", here)])

    def test_voices_and_rate_are_as_asked_for(self):
        with Daemon("--voices", "16", "--sample-rate", "44100", "--block", "512") as d:
            device = d.status()["device"]
            self.assertEqual((device["rate"], device["block"]), (44100, 512))
            self.assertEqual(len(d.status()["voices_db"]), 16)
            d.ask("/seq/add", "a", "voice16", "X")
        with Daemon(env={"CHRONUS_NUM_VOICES": "3"}) as d:
            self.assertEqual(len(d.status()["voices_db"]), 3)
            self.assertEqual(d.status()["device"]["rate"], RATE)


if __name__ == "__main__":
    unittest.main(verbosity=2)
