"""Clients not of our making, each with one face: send a call, tell what was heard.

`tags` are the type tags the client can make. `next(timeout)` is (address, arguments), or None when
nothing came; a client that cannot hear has `hears` False.
"""

import json
import os
import queue
import struct
import subprocess
import threading

import liblo

import wire
from compat import packages

EPOCH = 2208988800  # 1970 in seconds since 1900, from where OSC counts
HERE = os.path.dirname(os.path.abspath(__file__))


def unpacked(packet):
    """(address, tags, arguments) of a message, as python-osc reads it."""
    def string(at):
        end = packet.index(b"\0", at)
        return packet[at:end].decode(), end + 4 - end % 4

    address, at = string(0)
    tags, at = string(at)
    values = []
    for tag in tags[1:]:
        if tag == "s":
            value, at = string(at)
        elif tag in "ifhdt":
            form = {"i": ">i", "f": ">f", "h": ">q", "d": ">d", "t": ">Q"}[tag]
            value = struct.unpack_from(form, packet, at)[0]
            at += struct.calcsize(form)
        else:
            value = {"T": True, "F": False, "N": None}[tag]
        values.append(value)
    return address, tags[1:], values


class Bytes:
    """The very bytes python-osc makes, and those of senders older than it."""

    name, tags, hears = "bytes", "ihfdsTFNI[]", True

    def __init__(self, port):
        self.raw = wire.RawClient(port)
        self.tags_heard = set()

    def send(self, call):
        if call.tags is None:
            self.raw.send(wire.text(call.address))
        else:
            self.raw.send(wire.pack(call.address, call.tags, *call.values()))

    def bundle(self, calls, at):
        tag = int((at + EPOCH) * 2 ** 32) if at else 1
        self.raw.send(wire.bundle(*(wire.pack(c.address, c.tags, *c.values()) for c in calls),
                                  timetag=tag))

    def next(self, timeout):
        self.raw.socket.settimeout(timeout)
        try:
            address, tags, values = unpacked(self.raw.socket.recv(65536))
        except TimeoutError:
            return None
        self.tags_heard |= set(tags)
        return address, values

    def close(self):
        self.raw.socket.close()


class Liblo:
    """python3-liblo."""

    name, tags, hears = "python3-liblo", "ihfdsTFNI", True

    def __init__(self, port):
        self.server = liblo.Server(0)
        self.server.add_method(None, None, lambda path, args: self.heard.append((path, args)))
        self.target = liblo.Address("127.0.0.1", port)
        self.heard = []

    def message(self, call):
        left = iter(call.values())
        fixed = {"T": True, "F": False, "N": None, "I": ("I", None)}
        return liblo.Message(call.address, *(fixed[tag] if tag in fixed else (tag, next(left))
                                             for tag in call.tags))

    def send(self, call):
        self.server.send(self.target, self.message(call))

    def bundle(self, calls, at):
        parts = [self.message(call) for call in calls]
        tag = [at + EPOCH] if at else []
        self.server.send(self.target, liblo.Bundle(*tag, *parts))

    def next(self, timeout):
        if not self.heard:
            self.server.recv(round(timeout * 1000))
        return self.heard.pop(0) if self.heard else None

    def close(self):
        self.server.free()


class Node:
    """A script that plays lines of JSON with a client of npm."""

    hears = True
    script = None

    def __init__(self, port):
        self.process = subprocess.Popen(
            ["node", os.path.join(HERE, self.script), str(port)], text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=dict(os.environ, NODE_PATH=packages.node_path()))
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()
        if self.next(20) != ("ready", []):
            self.process.kill()
            raise RuntimeError(f"{self.script} did not start: {self.process.stderr.read()}")

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line)

    def tell(self, what):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.script} ended: {self.process.stderr.read()}")
        self.process.stdin.write(json.dumps(what) + "\n")

    @staticmethod
    def line(call):
        return {"address": call.address, "tags": call.tags, "args": call.args}

    def send(self, call):
        self.tell(self.line(call))

    def bundle(self, calls, at):
        self.tell({"bundle": [self.line(call) for call in calls], "at": at})

    def next(self, timeout):
        try:
            heard = json.loads(self.lines.get(timeout=timeout))
        except queue.Empty:
            return None
        return heard["address"], heard["args"]

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.reader.join()
        self.process.stdout.close()
        self.process.stderr.close()


class NodeOsc(Node):
    """node-osc of npm."""

    name, tags, script = "node-osc", "ifsTFN", "node_osc.js"


class Osc(Node):
    """osc of npm, also called osc.js."""

    name, tags, script = "osc", "ihfdsTFNI", "osc.js"


class Oscsend:
    """oscsend of liblo-tools: one process a call, and deaf."""

    name, tags, hears = "oscsend", "ihfdsTFNI", False

    def __init__(self, port):
        self.port = port

    def send(self, call):
        subprocess.run(["oscsend", "127.0.0.1", str(self.port), call.address,
                        *([call.tags, *call.args] if call.tags else [])], check=True, timeout=20)

    def close(self):
        pass


ALL = [Bytes, Liblo, NodeOsc, Osc, Oscsend]
