"""A real daemon, real sockets, and ears: what every end-to-end test stands on."""

import json
import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
import time

import liblo
import numpy as np

BUILD = os.environ.get("CHRONUS_BUILD") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "release")
CHRONUSD = os.path.join(BUILD, "chronusd")
CHRONUSCTL = os.path.join(BUILD, "chronusctl")
RATE = 48000


class Refused(Exception):
    """The daemon answered /error."""

    def __init__(self, address, code, message, symbol, ident, hint):
        super().__init__(f"{address}: {message}")
        self.address, self.code, self.message = address, code, message
        self.symbol, self.ident, self.hint = symbol, ident, hint


class Reply:
    """The daemon answered /reply."""

    def __init__(self, address, text, ident, rev, *values):
        self.address, self.text, self.ident, self.rev, self.values = (
            address, text, ident, rev, values)


class Client:
    """Speaks from one socket, as a program does that wants answers."""

    def __init__(self, port, host="127.0.0.1"):
        self.server = liblo.Server(0)
        self.server.add_method(None, None, self._hear)
        self.target = liblo.Address(host, port)
        self.heard = []

    def _hear(self, path, args, types, source):
        self.heard.append((path, list(args)))

    def send(self, address, *args):
        self.server.send(self.target, address, *args)

    def bundle(self, *messages, at=None):
        parts = [liblo.Message(address, *args) for address, *args in messages]
        self.server.send(self.target, liblo.Bundle(*([at] if at else []), *parts))

    def next(self, timeout=5.0):
        end = time.monotonic() + timeout
        while not self.heard and time.monotonic() < end:
            self.server.recv(20)
        if not self.heard:
            raise TimeoutError("the daemon did not answer")
        return self.heard.pop(0)

    def ask(self, address, *args, timeout=5.0):
        """Sends, and waits for the answer to this address; raises Refused on /error."""
        self.send(address, *args)
        while address in ("/req", "/at"):  # the command inside answers
            address, args = args[1], args[2:]
        while True:
            path, values = self.next(timeout)
            if path == "/error" and values[0] == address:
                raise Refused(*values)
            if path == "/reply" and values[0] == address:
                return Reply(*values)
            if path == address:
                return values


class Daemon:
    """chronusd on the null device, a port of its own and a state folder of its own."""

    def __init__(self, *args, state=None, device="null", port=0, viz_port=0, env=None):
        self.own_state = state is None
        self.state = state or tempfile.mkdtemp(prefix="chronus-e2e-")
        self.runtime = tempfile.mkdtemp(prefix="chronus-run-")
        self.env = dict(os.environ, XDG_RUNTIME_DIR=self.runtime, **(env or {}))
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [CHRONUSD, "--device", device, "--port", str(port), "--viz-port", str(viz_port),
             "--state", self.state, *args],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self.env)
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            found = re.search(r"listening on ([0-9.]+):(\d+)", line)
            if found:
                self.host, self.port = found.group(1), int(found.group(2))
                break
        else:
            self.process.wait()
            self.__exit__()
            raise RuntimeError("chronusd ended: " + " / ".join(self.lines))
        self.client = Client(self.port, self.host)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.runtime, ignore_errors=True)
        if self.own_state:
            shutil.rmtree(self.state, ignore_errors=True)

    def ask(self, address, *args, **kw):
        return self.client.ask(address, *args, **kw)

    def send(self, address, *args):
        self.client.send(address, *args)

    def document(self, address, *args):
        """A long answer that comes in numbered parts."""
        self.send(address, *args)
        parts, count = {}, None
        while len(parts) != count:
            path, values = self.client.next()
            if path == "/error" and values[0] == address:
                raise Refused(*values)
            if path == "/reply" and values[0] == address:
                index, count, parts[values[4]] = values[4], values[5], values[6]
        return "".join(parts[i] for i in range(count))

    def params(self):
        """Every parameter's address with its schema node, whose VALUE is what is set."""
        found, nodes = {}, [json.loads(self.document("/schema"))]
        while nodes:
            node = nodes.pop()
            nodes.extend(node.get("CONTENTS", {}).values())
            if node["FULL_PATH"].startswith("/mod/") and "VALUE" in node:
                found[node["FULL_PATH"]] = node
        return found

    def values(self):
        return {path: node["VALUE"] for path, node in self.params().items()}

    def tracks(self):
        return json.loads(self.ask("/seq/list").values[1])

    def status(self):
        return json.loads(self.ask("/status").values[4])

    def slot_file(self, slot):
        return os.path.join(self.state, "patterns", "slots", f"slot_{slot:03}.json")

    def ctl(self, *args, check=True):
        done = subprocess.run([CHRONUSCTL, *args], env=self.env, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        if check and done.returncode != 0:
            raise AssertionError(f"chronusctl {args}: {done.returncode} {done.stderr}")
        return done

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.rest = self.process.communicate(timeout=20)[0]
        self.process.stdout.close()
        return self.process.returncode

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def read_wav(path):
    """(rate, frames x channels as float64) of a WAV of 16, 24 or 32 bits, int or float."""
    with open(path, "rb") as file:
        data = file.read()
    assert data[:4] == b"RIFF" and data[8:12] == b"WAVE", "not a WAV file"
    at, form, body = 12, None, None
    while at + 8 <= len(data):
        name, size = data[at:at + 4], struct.unpack("<I", data[at + 4:at + 8])[0]
        if name == b"fmt ":
            form = struct.unpack("<HHIIHH", data[at + 8:at + 24])
            sub = struct.unpack("<H", data[at + 32:at + 34])[0] if form[0] == 0xFFFE else form[0]
        if name == b"data":
            body = data[at + 8:at + 8 + size]
        at += 8 + size + size % 2
    _, channels, rate, _, align, bits = form
    body = body[:len(body) // align * align]
    if sub == 3:
        x = np.frombuffer(body, "<f4").astype(float)
    elif bits == 16:
        x = np.frombuffer(body, "<i2") / 32768.0
    else:
        raw = np.frombuffer(body, np.uint8).reshape(-1, 3).astype(np.int32)
        x = ((raw[:, 0] | raw[:, 1] << 8 | raw[:, 2] << 16) << 8 >> 8) / 8388608.0
    return rate, x.reshape(-1, channels)


def onsets(x, threshold=1e-3, quiet=1000):
    """First frames of each sound after at least `quiet` frames below the threshold."""
    loud = np.flatnonzero(np.abs(x) > threshold)
    if len(loud) == 0:
        return loud
    return loud[np.concatenate(([True], np.diff(loud) > quiet))]


def kick(daemon, pattern="X"):
    """A short kick on voice 1 that ends well before the next step."""
    for path, value in (("adsr/attack", 0.001), ("adsr/decay", 0.03), ("adsr/sustain", 0.0),
                        ("adsr/release", 0.01), ("pitch/amount", 24.0), ("pitch/decay", 0.03)):
        daemon.send(f"/mod/voice1/{path}", value)
    daemon.ask("/seq/add", "kick", "voice1", pattern, 55.0)
