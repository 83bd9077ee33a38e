"""OSC as bytes: what clients send that a well-behaved library would not, and hints read back."""

import shlex
import socket
import struct


def text(value):
    """A string as OSC has it: ended by a zero, filled up to four bytes."""
    raw = value.encode() if isinstance(value, str) else value
    return raw + b"\0" * (4 - len(raw) % 4)


def argument(tag, value):
    if tag in "ihfd":
        return struct.pack(">" + {"i": "i", "h": "q", "f": "f", "d": "d"}[tag], value)
    if tag in "sS":
        return text(value)
    if tag == "b":
        return struct.pack(">i", len(value)) + value + b"\0" * (-len(value) % 4)
    return b""


def pack(address, tags="", *values):
    """A message with exactly these type tags; those without bytes (T F N I [ ]) take no value."""
    left = list(values)
    body = b"".join(argument(t, None if t in "TFNI[]" else left.pop(0)) for t in tags)
    return text(address) + text("," + tags) + body


def bundle(*messages, timetag=1):
    return b"#bundle\0" + struct.pack(">Q", timetag) + b"".join(
        struct.pack(">i", len(m)) + m for m in messages)


def hint_words(hint):
    """A hint as a person types it into a shell: the address, then arguments of guessed types."""
    address, *words = shlex.split(hint)
    return address, [guess(word) for word in words]


def guess(word):
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            pass
    return word


class RawClient:
    """A plain UDP socket, for bytes that no library would send."""

    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.connect(("127.0.0.1", port))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, packet):
        self.socket.send(packet)
