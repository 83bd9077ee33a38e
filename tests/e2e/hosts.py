"""Two hosts in one machine: each a network of its own in the kernel, and a cable to the test.

The cable is the test's: every packet between the hosts passes through it, where it is counted, and
can be lost, doubled or late, or be made up with whatever sender it likes.
"""

import contextlib
import ctypes
import fcntl
import os
import random
import select
import socket
import struct
import subprocess
import threading
import time

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x1001


def call(function, *args):
    if function(*args) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


class Host:
    """A network with a loopback and one card, whose packets come out of `cable`."""

    def __init__(self, *addresses):
        self.home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        call(LIBC.unshare, CLONE_NEWNET)
        try:
            self.network = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
            self.cable = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(self.cable, TUNSETIFF, struct.pack("16sH22x", b"card", IFF_TUN_NO_PI))
            ip("link", "set", "lo", "up")
            for address in addresses:
                ip("address", "add", address + "/24", "dev", "card")
            ip("link", "set", "card", "up")
        finally:
            call(LIBC.setns, self.home, CLONE_NEWNET)

    @contextlib.contextmanager
    def inside(self):
        """Sockets and processes made here are the host's."""
        call(LIBC.setns, self.network, CLONE_NEWNET)
        try:
            yield self
        finally:
            call(LIBC.setns, self.home, CLONE_NEWNET)

    def close(self):
        for descriptor in (self.cable, self.network, self.home):
            os.close(descriptor)


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def datagram(source, target, payload):
    """An IP packet of UDP; both ends are (address, port). UDP needs no checksum."""
    udp = struct.pack(">HHHH", source[1], target[1], 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                       socket.inet_aton(source[0]), socket.inet_aton(target[0]))
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + udp


class Cable:
    """Joins two hosts."""

    def __init__(self, left, right):
        self.hosts = (left, right)
        self.passed = []   # (from which host, IP packet), once `listening`
        self.listening = False
        self.fates = None  # of a bad link: the dice
        self.shares = {"lost": 0.05, "doubled": 0.05, "late": 0.05}
        self.late = []     # (how many packets pass it by, descriptor, packet)
        self.stop_read, self.stop_write = os.pipe()
        self.thread = threading.Thread(target=self._carry)
        self.thread.start()

    def close(self):
        os.close(self.stop_write)
        self.thread.join()
        os.close(self.stop_read)

    @contextlib.contextmanager
    def bad(self, seed):
        """Of a hundred packets each way, five are lost, five come twice and five late."""
        self.fates = random.Random(seed)
        try:
            yield
        finally:
            self.fates = None

    def listen(self, seconds):
        """What passes in that time."""
        self.passed.clear()
        self.listening = True
        time.sleep(seconds)
        self.listening = False
        return list(self.passed)

    def say(self, to, packet):
        """Makes a packet up and hands it to a host."""
        os.write(to.cable, packet)

    def _carry(self):
        ends = [host.cable for host in self.hosts]
        while True:
            ready = select.select([self.stop_read, *ends], [], [], 0.02)[0]
            if self.stop_read in ready:
                return
            if not ready:
                self._deliver_late(len(self.late))
            for number, end in enumerate(ends):
                if end in ready:
                    self._take(number, ends[1 - number], os.read(end, 65536))

    def _take(self, number, to, packet):
        if packet[0] >> 4 != 4:  # what IPv6 says by itself
            return
        if self.listening:
            self.passed.append((number, packet))
        fate = self.fates.random() if self.fates else 1.0
        lost, doubled, late = (self.shares[name] for name in ("lost", "doubled", "late"))
        if fate < lost:
            return
        if fate < lost + late:
            self.late.append([self.fates.randint(1, 4), to, packet])
            return
        os.write(to, packet)
        if fate < lost + late + doubled:
            os.write(to, packet)
        for waiting in self.late:
            waiting[0] -= 1
        self._deliver_late(sum(waiting[0] <= 0 for waiting in self.late))

    def _deliver_late(self, count):
        self.late.sort(key=lambda waiting: waiting[0])
        for _, to, packet in self.late[:count]:
            os.write(to, packet)
        del self.late[:count]


def why_not():
    """Why this machine can have no hosts; None when it can."""
    try:
        Host("10.77.0.1").close()
    except FileNotFoundError as error:
        return f"{error.filename} is missing"
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", "") or ""
        return f"no networks of our own: {error} {said}".strip()
    return None
