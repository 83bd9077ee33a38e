"""A daemon that other machines can reach, and what those may do: strangers, roles, bad links."""

import json
import os
import re
import socket
import struct
import subprocess
import time
import unittest

import hosts
from rig import CHRONUSCTL, Client, Daemon, Refused
from streams_test import FRAMINGS
from wire import bundle, pack

HERE, THERE, ELSEWHERE = "10.77.0.1", "10.77.0.2", "10.77.0.3"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROLES = ("observe", "perform", "admin")
NOT_HERE = hosts.why_not()
if NOT_HERE:
    print(f"network_test: nothing can be tested: {NOT_HERE}")

# One command of each kind, and the least role that may send it.
KINDS = (("observe", "/version"), ("observe", "/seq/list"), ("observe", "/mod/voice1/pan"),
         ("observe", "/subscribe", "/mod/voice1/pan"), ("observe", "/client/replies", 2),
         ("perform", "/wait", "now"), ("perform", "/mod/voice1/pan", 0.25), ("perform", "/gate/voice1", 1),
         ("perform", "/seq/bpm", 99.0), ("perform", "/seq/add", "kick", "voice1", "X..."),
         ("perform", "/at", "now", "/seq/set", "kick", "pan", 0.5),
         ("perform", "/pattern/save", 1, "one"), ("perform", "/pattern/load", 1),
         ("perform", "/req", "7", "/seq/clear"), ("perform", "/panic"),
         ("admin", "/pattern/delete", 1), ("admin", "/engine/record/start", "take.wav"),
         ("admin", "/engine/record/stop"), ("admin", "/engine/stop"))


def examples():
    """Every command of the reference as its table shows it."""
    with open(os.path.join(ROOT, "docs", "reference.md"), encoding="utf-8") as page:
        commands = page.read().split("\n## ")[2]
        for example in re.findall(r"^\| `/[a-z/_]+` \|.*\| `([^`]+)` \|$", commands, re.M):
            yield example.replace("\\", "").split(" ")


def tokens(daemon):
    with open(os.path.join(daemon.state, "tokens"), encoding="ascii") as file:
        return dict(line.split() for line in file if not line.startswith("#"))


AUTH = -110


def refusal(packet):
    """What an /error says first: address and number."""
    assert packet.startswith(b"/error\0\0"), packet
    address = packet.index(b"\0", 8) // 4 * 4 + 4
    number = packet.index(b"\0", address) // 4 * 4 + 4
    return (packet[address:packet.index(b"\0", address)].decode(),
            struct.unpack_from(">i", packet, number)[0])


class Far:
    """A UDP socket on another host: bytes out, bytes in."""

    def __init__(self, daemon, address=THERE):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.socket.connect((daemon.host, daemon.port))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def heard(self, packet, seconds=0.15):
        """What comes for a packet, until it is quiet for so long."""
        self.socket.send(packet)
        self.socket.settimeout(seconds)
        came = []
        try:
            while True:
                came.append(self.socket.recv(65536))
        except TimeoutError:
            return came

    def auth(self, token):
        return self.heard(pack("/auth", "s", token), 0.1)


class FarStream:
    """A TCP connection from another host."""

    def __init__(self, daemon, address=THERE, framing="length"):
        self.frame, self.unframe = FRAMINGS[framing]
        self.socket = socket.socket()
        self.socket.settimeout(5)
        self.socket.bind((address, 0))
        try:
            self.socket.connect((daemon.host, daemon.port))
        except OSError:
            self.socket.close()
            raise
        self.rest, self.packets = b"", []

    def send(self, packet):
        self.socket.sendall(self.frame(packet))

    def next(self):
        """None at the end."""
        while not self.packets:
            try:
                read = self.socket.recv(65536)
            except ConnectionResetError:
                return None
            if not read:
                return None
            self.packets, self.rest = self.unframe(self.rest + read)
        return self.packets.pop(0)

    def ask(self, *message):
        self.send(pack(*message))
        return self.next()


@unittest.skipIf(NOT_HERE, NOT_HERE)
class TwoHosts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.here, cls.there = hosts.Host(HERE), hosts.Host(THERE, ELSEWHERE)
        cls.addClassCleanup(cls.here.close)
        cls.addClassCleanup(cls.there.close)
        cls.cable = hosts.Cable(cls.here, cls.there)
        cls.addClassCleanup(cls.cable.close)

    def daemon(self, *args, host=None, bind=HERE, **kw):
        with (host or self.here).inside():
            daemon = Daemon("--bind", bind, *args, **kw)
            self.addCleanup(daemon.__exit__)
            daemon.near = Client(daemon.port, "127.0.0.1") if bind == "0.0.0.0" else None
        return daemon

    def open_daemon(self):
        """One on every address, with a client of its own machine as `near`."""
        return self.daemon(bind="0.0.0.0", port=5005)

    def reach(self, daemon, address=THERE):
        """A client elsewhere; `daemon.host` must be an address."""
        daemon.host = HERE
        with self.there.inside():
            far = Far(daemon, address)
        self.addCleanup(far.socket.close)
        return far

    def far_client(self, daemon):
        with self.there.inside():
            return Client(daemon.port, HERE)

    def connect(self, daemon, address=THERE, framing="length"):
        daemon.host = HERE
        with self.there.inside():
            stream = FarStream(daemon, address, framing)
        self.addCleanup(stream.socket.close)
        return stream

    def state(self, daemon):
        """All that a stranger might change."""
        near = daemon.near
        daemon.client = near
        return (daemon.values(), daemon.tracks(), near.ask("/seq/status").values,
                near.ask("/pattern/list").values, near.ask("/next").values,
                near.ask("/engine/record/status").values, sorted(os.listdir(daemon.state)))


class Strangers(TwoHosts):
    def test_without_bind_nothing_of_it_is_reached_from_elsewhere(self):
        daemon = self.daemon(bind="127.0.0.1")
        far = self.reach(daemon)
        with self.assertRaises(ConnectionRefusedError):
            far.heard(pack("/version"))
        with self.assertRaises(ConnectionRefusedError):
            self.connect(daemon)

    def test_whatever_a_stranger_says_changes_nothing_and_is_answered_auth(self):
        daemon = self.open_daemon()
        daemon.near.ask("/seq/add", "kick", "voice1", "X...")
        daemon.near.ask("/pattern/save", 1)
        far, before = self.reach(daemon, ELSEWHERE), self.state(daemon)
        self.assertGreater(len(list(examples())), 40)
        for words in [*examples(), *(list(map(str, kind[1:])) for kind in KINDS)]:
            if words[0] == "/auth":
                continue
            with self.subTest(words):
                got = far.heard(pack(words[0], "s" * (len(words) - 1), *words[1:]), 0.03)
                self.assertEqual(len(got), 1)
                address = words[2 if words[0] in ("/req", "/at") else 0]
                self.assertEqual(refusal(got[0]), (address, AUTH))
        self.assertIn(b"needs the role perform", far.heard(pack("/seq/stop", "b", b"y" * 60))[0])
        self.assertEqual(self.state(daemon), before)

    def test_a_stranger_is_sent_one_packet_of_three_times_its_bytes_and_then_all(self):
        daemon, spoken = self.open_daemon(), []
        far = self.reach(daemon)
        good = [pack("/version"), pack("/schema"), pack("/status"), pack("/notify", "i", 1),
                pack("/req", "ss", "1", "/schema"), pack("/auth", "s", "x"),
                pack("/at", "ss", "bar+1", "/version"), bundle(*[pack("/schema")] * 60),
                bundle(*[pack("/nosuch", "s", "x" * 100)] * 20),
                bundle(pack("/version"), timetag=1 << 63)]
        bad = [b"", b"/", b"/version", b"/version\0\0\0\0,s\0\0", b"#bundle\0", b"\xff" * 100,
               pack("/seq/bpm", "f", float("nan")), bundle(b"/x\0\0,b\0\0\0\0"), b"\0" * 9000]
        for packet in good + bad:
            got = far.heard(packet, 0.05)
            spoken.append((len(packet), [len(g) for g in got]))
            self.assertLessEqual(len(got), 1, packet[:40])
            self.assertLessEqual(sum(map(len, got)), 3 * len(packet), packet[:40])
        self.assertTrue(any(sizes for _, sizes in spoken), spoken)
        self.assertIn(b"observe", far.auth(tokens(daemon)["observe"])[0])
        self.assertGreater(sum(map(len, far.heard(pack("/schema"), 0.3))), 50_000)

    def test_nothing_of_a_strangers_waits(self):
        """Not in the schedule, not among the answers kept, and no client makes room for it."""
        daemon = self.open_daemon()
        with self.here.inside():
            player = Client(daemon.port, "127.0.0.1")
        self.assertEqual(player.ask("/client/replies", 2).address, "/client/replies")
        daemon.near.ask("/seq/start")
        waiting = daemon.near.ask("/next").values
        packets = [pack("/at", "ss", "bar+9", "/version"), pack("/wait", "s", "bar+9"),
                   bundle(pack("/version"), timetag=(int(time.time()) + 2208988800 + 50) << 32),
                   pack("/req", "ss", "an id", "/version")]
        for n in range(600):  # each from a machine of its own
            source = (f"10.77.0.{4 + n % 250}", 1024 + n)
            self.cable.say(self.here, hosts.datagram(source, (HERE, daemon.port),
                                                     packets[n % len(packets)]))
            time.sleep(0.001)
        self.assertEqual(daemon.near.ask("/next").values, waiting)
        told = player.ask("/mod/voice1/pan", 0.5)
        self.assertEqual(told.values, (0.5,), "its wish to be told everything is not forgotten")

    def test_a_stranger_cannot_subscribe_and_who_loses_no_lease_can(self):
        daemon = self.open_daemon()
        far = self.reach(daemon)
        for words in (("/subscribe", "s", "/*"), ("/notify", "i", 1), ("/renew",)):
            far.heard(pack(*words), 0.02)
        daemon.near.send("/mod/voice1/pan", 0.125)
        self.assertEqual(far.heard(pack("/unsubscribe"), 0.3)[1:], [])
        far.auth(tokens(daemon)["observe"])
        snapshot = far.heard(pack("/subscribe", "sf", "/mod/voice1/pan", 100.0), 0.2)
        self.assertTrue(any(b"/mod/voice1/pan" in p and p.startswith(b"#bundle") for p in snapshot))
        daemon.near.send("/mod/voice1/pan", 0.75)
        told = far.socket.recv(65536)
        self.assertIn(struct.pack(">f", 0.75), told)


class Roles(TwoHosts):
    def answers(self, client, words):
        """The symbol of the refusal, or "done"."""
        try:
            client.ask(*words)
        except Refused as refused:
            return refused.symbol
        except TimeoutError:
            return "silence"
        return "done"

    def test_each_role_may_do_exactly_its_part(self):
        daemon = self.open_daemon()
        for role in ROLES:
            client = self.far_client(daemon)
            client.send("/client/replies", 2)
            client.next()
            granted = client.ask("/auth", tokens(daemon)[role])
            self.assertEqual(granted.values, (role,))
            client.ask("/client/replies", 2)
            for least, *words in KINDS:
                may = ROLES.index(role) >= ROLES.index(least)
                with self.subTest(role=role, words=words):
                    got = self.answers(client, words)
                    self.assertEqual(got != "AUTH", may, got)
                    if may:
                        self.assertIn(got, ("done", "NOT_FOUND", "NOT_NOW"))
            client.ask("/unsubscribe")

    def test_a_bundle_with_one_command_too_high_does_nothing(self):
        daemon = self.open_daemon()
        far = self.reach(daemon)
        far.auth(tokens(daemon)["perform"])
        got = far.heard(bundle(pack("/seq/bpm", "f", 77.0), pack("/pattern/delete", "i", 1)))
        self.assertEqual([b"AUTH\0" in packet for packet in got], [True, True])
        daemon.client = daemon.near
        self.assertEqual(daemon.values()["/mod/seq/bpm"], [120.0])

    def test_a_token_gives_its_role_to_one_socket_and_the_last_counts(self):
        daemon = self.open_daemon()
        first, second = self.reach(daemon), self.reach(daemon)
        first.auth(tokens(daemon)["admin"])
        self.assertIn(b"/reply", first.heard(pack("/seq/bpm", "f", 90.0))[0])
        self.assertEqual(refusal(second.heard(pack("/seq/bpm", "f", 91.0))[0])[1], AUTH)
        first.auth(tokens(daemon)["observe"])
        self.assertIn(b"AUTH", first.heard(pack("/seq/bpm", "f", 92.0))[0])

    def test_five_wrong_tokens_silence_a_machine_not_another_and_take_no_role(self):
        daemon = self.open_daemon()
        have, far = self.reach(daemon), self.reach(daemon)
        right = tokens(daemon)["admin"]
        have.auth(right)
        for wrong in ("x", "", right[:-1], right + "0", "0123456789abcdef" * 8):
            self.assertEqual([refusal(packet) for packet in far.auth(wrong)], [("/auth", AUTH)])
        self.assertEqual(refusal(far.auth(right)[0]), ("/auth", AUTH), "even the right one waits")
        self.assertIn(b"/reply", have.heard(pack("/seq/bpm", "f", 90.0))[0])
        other = self.reach(daemon, ELSEWHERE)
        self.assertIn(b"/reply", other.auth(right)[0])

    def test_wrong_tokens_in_a_machines_name_keep_out_no_connection_of_it(self):
        daemon = self.open_daemon()
        for _ in range(20):
            self.cable.say(self.here, hosts.datagram((THERE, 999), (HERE, daemon.port),
                                                     pack("/auth", "s", "x")))
        right = tokens(daemon)["admin"]
        self.assertIn(b"AUTH\0", self.reach(daemon).auth(right)[0])
        self.assertIn(b"/reply", self.connect(daemon).ask("/auth", "s", right))

    def test_chronusctl_on_another_machine_gives_its_token_first(self):
        daemon = self.open_daemon()

        def ctl(role, *words):
            env = dict(os.environ, HOME=daemon.state)
            env.update({"CHRONUS_TOKEN": tokens(daemon)[role]} if role else {})
            with self.there.inside():
                return subprocess.run([CHRONUSCTL, "--host", HERE, *words], env=env, text=True,
                                      capture_output=True, timeout=30)
        for lane in ((), ("--tcp",)):
            with self.subTest(lane=lane):
                self.assertEqual(ctl("perform", *lane, "seq", "bpm", "99").returncode, 0)
                self.assertIn("99", ctl("observe", *lane, "seq", "status").stdout)
                refused = ctl("observe", *lane, "seq", "bpm", "98")
                self.assertEqual(refused.returncode, 1)
                self.assertIn("needs the role perform", refused.stderr)
                stranger = ctl(None, *lane, "seq", "status")
                self.assertEqual(stranger.returncode, 1)
                self.assertIn("token", stranger.stderr)

    def test_local_clients_need_no_token_on_whatever_address_it_listens(self):
        daemon = self.open_daemon()
        self.assertEqual(daemon.near.ask("/seq/bpm", 101.0).address, "/seq/bpm")
        self.assertEqual(daemon.ctl("seq", "bpm", "102").returncode, 0)

    def test_over_tcp_the_token_counts_for_its_connection(self):
        daemon = self.open_daemon()
        for framing in FRAMINGS:
            with self.subTest(framing):
                stream = self.connect(daemon, framing=framing)
                self.assertIn(b"AUTH\0", stream.ask("/seq/bpm", "f", 90.0))
                self.assertIn(b"/reply", stream.ask("/auth", "s", tokens(daemon)["perform"]))
                self.assertIn(b"/reply", stream.ask("/seq/bpm", "f", 90.0))
                self.assertIn(b"AUTH\0", stream.ask("/pattern/delete", "i", 1))
                other = self.connect(daemon, framing=framing)
                self.assertIn(b"AUTH\0", other.ask("/seq/bpm", "f", 90.0))

    def test_it_says_that_it_is_open_and_where_the_tokens_are(self):
        daemon = self.open_daemon()
        self.assertTrue(any("tokens" in line and daemon.state in line for line in daemon.lines))
        daemon.client = daemon.near
        self.assertEqual(daemon.status()["listens"], "0.0.0.0:5005")
        self.assertEqual(os.stat(os.path.join(daemon.state, "tokens")).st_mode & 0o777, 0o600)


class Crowds(TwoHosts):
    def test_strangers_in_every_place_keep_out_nobody_who_has_a_token_or_is_here(self):
        daemon = self.open_daemon()
        held = self.connect(daemon, ELSEWHERE)
        self.assertIn(b"/reply", held.ask("/auth", "s", tokens(daemon)["perform"]))
        quiet = self.connect(daemon, ELSEWHERE)  # has a token, is not that quick
        time.sleep(0.05)
        crowd = [self.connect(daemon) for _ in range(150)]
        self.assertIn(b"/reply", quiet.ask("/auth", "s", tokens(daemon)["perform"]),
                      "one machine's crowd pushes out itself")
        with self.here.inside(), socket.create_connection(("127.0.0.1", daemon.port), 5) as near:
            near.sendall(FRAMINGS["length"][0](pack("/version")))
            self.assertIn(b"/version", near.recv(4096))
        self.assertIn(b"/reply", held.ask("/seq/bpm", "f", 90.0))
        self.assertIn(b"BUSY\0", crowd[0].next())
        self.assertIsNone(crowd[0].next())
        self.assertIn(b"AUTH\0", crowd[-1].ask("/version"))

    def test_a_flood_of_made_up_strangers_does_not_stop_who_has_a_token(self):
        daemon = self.open_daemon()
        far = self.far_client(daemon)
        far.ask("/auth", tokens(daemon)["perform"])
        packets = [hosts.datagram((f"10.77.{1 + n // 250}.{1 + n % 250}", 9), (HERE, daemon.port),
                                  pack("/schema")) for n in range(2000)]
        for n in range(40):
            for packet in packets[n * 50:n * 50 + 50]:
                self.cable.say(self.here, packet)
            self.assertEqual(far.ask("/seq/bpm", 60.0 + n).address, "/seq/bpm")


class Daemons(TwoHosts):
    def test_two_daemons_set_at_each_other_fall_silent(self):
        """Each is made to believe that the other has asked it something."""
        left = self.daemon(port=5005)
        right = self.daemon(port=5005, host=self.there, bind=THERE)
        ends = ((self.here, HERE, THERE), (self.there, THERE, HERE))
        self.assertEqual({left.port, right.port}, {5005})
        for packet in (pack("/version"), pack("/mod/voice1/pan"), pack("/nosuch"), b"\xff" * 400,
                       pack("/reply", "s", "/version"), pack("/error", "s", "x"),
                       pack("/subscribe", "s", "/*"), pack("/mod/voice1/pan", "f", 0.5),
                       bundle(pack("/version"), pack("/reply", "s", "x"))):
            for host, target, source in ends:
                self.cable.listen(0)
                self.cable.say(host, hosts.datagram((source, 5005), (target, 5005), packet))
                passed = [p for _, p in self.cable.listen(0.3) if p[9] == 17]
                self.assertLessEqual(len(passed), 2, passed)
        self.assertEqual([p for _, p in self.cable.listen(2.0) if p[9] == 17], [])

    def test_they_fall_silent_even_where_each_trusts_the_other(self):
        left = self.daemon(port=5005)
        right = self.daemon(port=5005, host=self.there, bind=THERE)
        ends = ((self.here, HERE, THERE, left), (self.there, THERE, HERE, right))
        for host, target, source, daemon in ends:
            for packet in (pack("/auth", "s", tokens(daemon)["admin"]),
                           pack("/client/replies", "i", 2)):
                self.cable.say(host, hosts.datagram((source, 5005), (target, 5005), packet))
        time.sleep(0.2)
        for packet in (pack("/version"), pack("/mod/voice1/pan"), pack("/nosuch"), b"\xff" * 400,
                       pack("/req", "ss", "1", "/mod/voice1/pan"), pack("/gate/voice1", "i", 1),
                       pack("/subscribe", "sfi", "/mod/*", 200.0, 2)):
            for host, target, source, _ in ends:
                self.cable.say(host, hosts.datagram((source, 5005), (target, 5005), packet))
        time.sleep(1.0)
        with self.here.inside():
            Client(5005, HERE).send("/mod/voice1/pan", 0.3)
        passed = [p for _, p in self.cable.listen(4.0) if p[9] == 17]
        self.assertLess(len(passed), 40, "the subscription's last, not an echo of an echo")
        self.assertEqual([p for _, p in self.cable.listen(2.0) if p[9] == 17], [])


class BadLink(TwoHosts):
    COMMANDS = 150

    def commands(self):
        for n in range(self.COMMANDS):
            track, number = f"t{n * 7 % 5}", n * 37 % 100 / 100
            yield (("/seq/add", track, f"voice{n % 8 + 1}", "x.X.", 55.0 * (1 + number)),
                   ("/seq/set", track, "pan", number), ("/seq/remove", track),
                   ("/mod/voice1/amp", number), ("/seq/update/notes", track, 36 + n % 40),
                   ("/undo",))[n * 5 % 6 if n % 4 else 0]

    def play(self, daemon, tries):
        """Each command under an id of its own, until it is answered."""
        far = self.reach(daemon)
        sent = 0
        self.assertTrue(any(far.auth(tokens(daemon)["perform"]) for _ in range(50)))
        for n, (address, *args) in enumerate(self.commands()):
            tags = "".join("s" if isinstance(a, str) else "f" if isinstance(a, float) else "i"
                           for a in args)
            packet = pack("/req", "ss" + tags, f"c{n}", address, *args)
            for _ in range(tries):
                sent += 1
                far.socket.send(packet)
                if self.answered(far, f"c{n}\0".encode()):
                    break
            else:
                self.fail(f"{address} was not answered in {tries} tries")
        daemon.client = daemon.near
        return (daemon.values(), daemon.tracks()), sent

    def answered(self, far, ident):
        end = time.monotonic() + 0.05
        while (left := end - time.monotonic()) > 0:
            far.socket.settimeout(left)
            try:
                if ident in far.socket.recv(65536):
                    return True
            except TimeoutError:
                break
        return False

    def test_what_is_sent_until_answered_acts_once_and_in_order(self):
        straight, sent = self.play(self.open_daemon(), 1 if not self.cable.fates else 50)
        self.assertEqual(sent, self.COMMANDS)
        self.tearDown()
        self.doCleanups()
        with self.cable.bad(seed=3):
            crooked, sent = self.play(self.open_daemon(), 50)
        self.assertGreater(sent, self.COMMANDS * 1.05, "the link was bad")
        self.assertEqual(json.dumps(crooked), json.dumps(straight))

    def test_over_tcp_a_bad_link_is_only_slow(self):
        daemon = self.open_daemon()
        with self.cable.bad(seed=4):
            stream = self.connect(daemon)
            stream.socket.settimeout(30)
            self.assertIn(b"/reply", stream.ask("/auth", "s", tokens(daemon)["perform"]))
            for n in range(200):
                stream.send(pack("/req", "sssss", f"c{n}", "/seq/add", f"t{n % 9}", "voice1", "x" * (n % 16 + 1)))
            answers = [stream.next() for _ in range(200)]
        self.assertTrue(all(f"c{n}\0".encode() in a for n, a in enumerate(answers)))
        daemon.client = daemon.near
        self.assertEqual({t["name"]: len(t["pattern"]) for t in daemon.tracks()},
                         {f"t{n % 9}": n % 16 + 1 for n in range(191, 200)})


if __name__ == "__main__":
    unittest.main(verbosity=2)
