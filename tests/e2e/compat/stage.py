"""A daemon, one client, and a look at what is true after each call."""

import contextlib
import glob
import json
import math
import os
import shlex
import time

from compat import calls, clients
from rig import Daemon

SOON = 5  # seconds
BARRIER = calls.Call("/version", 0)


def same(a, b):
    return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)


class Stage:
    """A daemon, a client, and the bytes that stand in for what it cannot say."""

    def __init__(self, kind):
        with contextlib.ExitStack() as opened:
            self.daemon = opened.enter_context(Daemon())
            self.client = opened.enter_context(contextlib.closing(kind(self.daemon.port)))
            self.stand_in = opened.enter_context(
                contextlib.closing(clients.Bytes(self.daemon.port)))
            self.close = opened.pop_all().close
        self.said_itself = 0

    def can(self, call):
        return set(call.tags or "") <= set(self.client.tags) and (
            call.tags is not None or self.client.name == clients.Bytes.name)

    def value(self, address):
        return self.daemon.ask("/mod" + address if address.startswith("/seq/") else address)[0]

    def position(self):
        status = self.daemon.status()
        return status["bar"], status["step"]

    def wait_for_step(self, step):
        end = time.monotonic() + SOON
        while self.position() < (1, step) and time.monotonic() < end:
            time.sleep(0.01)

    def play(self, call):
        """Sends it, sees what is answered and that every fact is true."""
        goes_on = call.fact("plays on") is not None
        if goes_on:
            self.wait_for_step(4)
        before = self.position(), self.daemon.status()["bad_packets"]
        sender = self.client if self.can(call) else self.stand_in
        self.said_itself += sender is self.client
        sender.send(call)
        if sender.hears:
            self.hear(call, sender)
        for fact in call.facts:
            self.check(call, fact, before)

    def hear(self, call, sender):
        """All that comes before the answer to something asked afterwards; and what comes late."""
        sender.send(BARRIER)
        wants_one = not call.is_knob and call.fact("bad packet") is None
        heard, passed = [], False
        while not passed or (wants_one and not heard):
            got = sender.next(SOON)
            if got is None:
                raise AssertionError(f"no answer to {call.line}; heard {heard}")
            if got[0] == "/reply" and got[1][0] == BARRIER.address:
                passed = True
            else:
                heard.append(got)
        self.judge(call, heard)

    @staticmethod
    def judge(call, heard):
        if call.fact("bad packet") is not None:
            return
        error, answer = call.fact("error"), call.fact("answers")
        if error is not None:
            wanted = [("/error", call.address)]
        elif answer is not None:
            wanted = [(call.address, float(answer))]
        elif call.is_knob:
            wanted = []
        else:
            wanted = [("/reply", call.address)] * max(1, len(heard))
        got = [(address, values[0]) for address, values in heard]
        if got != wanted or (error and heard[0][1][3] != error):
            raise AssertionError(f"{call.line}: answered by {heard}")

    def check(self, call, fact, before):
        end = time.monotonic() + SOON
        while True:
            now = self.why_not(call, fact, before)
            if now is None:
                return
            if time.monotonic() > end or fact == "plays on":
                raise AssertionError(f"calls.txt:{call.number}: {call.line}\n"
                                     f"\"{fact}\" is not true: {now}")
            time.sleep(0.01)

    def why_not(self, call, fact, before):
        """None where the fact is true, else what is the case instead."""
        word, _, rest = fact.partition(" ")
        status = self.daemon.status()
        if word[0].isdigit() or word[0] == "-":
            word, rest = call.address, word
        if word.startswith("/"):
            value = self.value(word)
            return None if same(value, float(rest)) else value
        if word in ("error", "answers"):
            return None
        if fact in ("running", "stopped"):
            return None if status["running"] == (fact == "running") else status
        if fact in ("recording", "not recording"):
            return None if (status["recording"] != "") == (fact == "recording") else status
        if fact in ("waits", "at once"):
            return None if status["pending"] == (fact == "waits") else status
        if fact == "bad packet":
            return None if status["bad_packets"] == before[1] + 1 else status
        if word == "step":  # where it stood before is shown until the engine has begun
            now = self.position()
            return None if now != before[0] and now >= (1, int(rest)) else now
        if fact == "plays on":
            return None if self.position() >= before[0] else self.position()
        return getattr(self, "why_not_" + word)(shlex.split(rest), fact)

    def why_not_tracks(self, names, _):
        there = [track["name"] for track in self.daemon.tracks()]
        return None if there == names else there

    def why_not_track(self, words, _):
        track = {t["name"]: t for t in self.daemon.tracks()}.get(words[0])
        if track is None:
            return "there is none"
        for pair in words[1:]:
            key, _, value = pair.partition("=")
            has = track.get(key)
            equal = (same(has, float(value)) if isinstance(has, (int, float)) else has == value)
            if not equal:
                return track
        return None

    def why_not_slot(self, words, _):
        info = json.loads(self.daemon.ask("/pattern/info", int(words[0])).values[0])
        there = os.path.exists(self.daemon.slot_file(int(words[0])))
        return None if there and words[1:] in ([], [info["name"]]) else info

    def why_not_no(self, words, _):
        return "there is" if os.path.exists(self.daemon.slot_file(int(words[1]))) else None

    def why_not_file(self, words, _):
        found = glob.glob(os.path.join(self.daemon.state, words[0]))
        return None if found else os.listdir(self.daemon.state)

    def levels(self, voice):
        """Two, 50 ms apart: the meter falls by 20 dB a second when nothing feeds it."""
        index = int(voice.removeprefix("voice")) - 1
        first = self.daemon.status()["voices_db"][index]
        time.sleep(0.05)
        return first, self.daemon.status()["voices_db"][index]

    def why_not_sounds(self, words, _):
        first, then = self.levels(words[0])
        return None if then > -60 and then > first - 0.4 else (first, then)

    def why_not_silent(self, words, _):
        first, then = self.levels(words[0])
        return None if then == -120 or then < first - 0.4 else (first, then)

    def state(self):
        """All that could differ between two daemons that were told the same."""
        slots = {}
        for slot in range(1, 129):
            if os.path.exists(self.daemon.slot_file(slot)):
                with open(self.daemon.slot_file(slot), encoding="utf-8") as file:
                    slots[slot] = json.load(file)
                for name in ("timestamp", "checksum"):
                    slots[slot].pop(name, None)
                slots[slot]["sequencer"].pop("global_step", None)
        status = self.daemon.status()
        told = ("running", "bpm", "swing", "pending", "heals", "bad_packets", "recording")
        return {"values": self.daemon.values(), "tracks": self.daemon.tracks(), "slots": slots,
                "status": {name: status[name] for name in told}}
