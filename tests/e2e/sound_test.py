"""What is played is heard: every claim about time and sound, measured in a recording."""

import os
import shutil
import struct
import subprocess
import tempfile
import time
import unittest

import numpy as np

from ears import last_loud, loud_spans, peak, pitch, rms, share_above
from rig import RATE, Daemon, kick, onsets, read_wav

STEP = 6000  # frames of a sixteenth at 120 BPM: 60 / 120 / 4 * 48000
BAR = 16 * STEP
TICK = 32  # frames between two looks into the mail
MINUTE = 61.0  # seconds; a second to get going

folder = None
minute = None  # plays while the other tests do


class Take:
    """A daemon that records everything from its first frame on."""

    def __init__(self, name="take.wav", *args, **kw):
        self.file = os.path.join(folder, name)
        self.daemon = Daemon("--record", self.file, *args, **kw)
        self.began = time.monotonic()

    def __enter__(self):
        return self.daemon

    def __exit__(self, *_):
        self.daemon.__exit__()

    def left(self):
        return self.sound()[:, 0]

    def sound(self):
        rate, x = read_wav(self.file)
        assert rate == RATE
        return x


def setUpModule():
    global folder, minute
    folder = tempfile.mkdtemp(prefix="chronus-sound-")
    minute = {"straight": Take("straight.wav"), "swung": Take("swung.wav")}
    minute["swung"].daemon.ask("/seq/swing", 0.6)
    for take in minute.values():
        pluck(take.daemon, 1, "hat", 2000.0)
        take.daemon.ask("/seq/start")


def tearDownModule():
    for take in minute.values():
        take.daemon.__exit__()
    shutil.rmtree(folder, ignore_errors=True)


def whole_minute(name):
    """The recording after a minute of it; waits for what is left of that minute."""
    take = minute[name]
    time.sleep(max(0.0, take.began + MINUTE + 0.5 - time.monotonic()))
    take.daemon.stop()
    return take.left()


def pluck(daemon, voice, track, hz, **keys):
    """A short sound that is over before the next step, on every step. High ones start alike: a low
    one leaves a trace of offset behind, by which a threshold is reached a frame sooner or later."""
    for path, value in (("adsr/attack", 0.001), ("adsr/decay", 0.05), ("adsr/sustain", 0.0),
                        ("adsr/release", 0.01)):
        daemon.send(f"/mod/voice{voice}/{path}", value)
    daemon.ask("/seq/add", track, f"voice{voice}", "X", float(hz),
               *(f"{key}={value}" for key, value in keys.items()))


def drone(daemon, voice=1, release=0.05):
    """A note that lasts until it is told to end, at full level from 10 ms on."""
    for path, value in (("adsr/attack", 0.005), ("adsr/decay", 0.0), ("adsr/sustain", 1.0),
                        ("adsr/release", release), ("filter/freq", 12000.0)):
        daemon.send(f"/mod/voice{voice}/{path}", value)
    daemon.ask("/seq/add", "drone", f"voice{voice}", "X_______________", 440.0, "base_amp=0.5")


class Loading(unittest.TestCase):
    def test_a_slot_brings_notes_and_filter_on_the_frame_of_the_bar_line(self):
        """Left: a pluck that both slots share, as a ruler. Right: a dull 220 Hz before the bar line,
        a bright 440 Hz from it on. The first new hit is like all later ones, sample by sample, so
        nothing of the new sound came early or late."""
        take = Take("load.wav")
        with take as d:
            for path, value in (("voice1/osc/type", 0), ("voice3/osc/type", 1)):
                d.send("/mod/" + path, value)
            pluck(d, 1, "ruler", 1000.0, pan=-1)
            d.send("/mod/voice3/filter/freq", 300.0)
            pluck(d, 3, "tune", 220.0, pan=1, accent_boost=0)
            time.sleep(0.3)
            d.ask("/pattern/save", 1)
            d.send("/mod/voice3/filter/freq", 9000.0)
            d.ask("/seq/set", "tune", "base_freq", 440.0)
            d.ask("/pattern/save", 2)
            d.ask("/pattern/load", 1)
            d.ask("/seq/start")
            time.sleep(0.7)
            self.assertTrue(d.ask("/pattern/load", 2).values[2], "waits for the bar")
            time.sleep(2.6)
            d.ask("/panic")
        x = take.sound()
        ruler = onsets(x[:, 0])
        self.assertGreaterEqual(len(ruler), 20)
        self.assertEqual(set(np.diff(ruler)), {STEP}, "the load moved no step")
        hits = [x[at:at + STEP - 64, 1] for at in ruler[:-1]]
        bright = [share_above(h, 2000.0) > 0.02 for h in hits]
        high = [abs(pitch(h, low=100, high=600) / 440.0 - 1) < 0.03 for h in hits]
        change = high.index(True)
        self.assertEqual(change, 16, "the first bar line after the load")
        self.assertEqual(high, [False] * change + [True] * (len(high) - change))
        self.assertEqual(bright, high, "the filter came with the notes")
        for old in hits[1:change]:
            self.assertLess(peak(old - hits[0]), 2e-3 * peak(hits[0]))
        for new in hits[change + 1:]:
            self.assertLess(peak(new - hits[change]), 2e-3 * peak(hits[change]))

    def test_a_note_both_slots_hold_is_never_silent(self):
        take = Take("held.wav")
        with take as d:
            drone(d, release=0.5)
            d.ask("/pattern/save", 1)
            d.ask("/pattern/load", 1)
            d.ask("/seq/start")
            for _ in range(2):
                time.sleep(0.9)
                d.ask("/pattern/load", 1)
                time.sleep(1.1)
            d.ask("/panic")
        x = take.left()
        first, last = loud_spans(x, 0.02, 480)[0]
        steady = x[first + 2400:last - 2400]
        self.assertGreater(len(steady), 3.5 * RATE, "two bar lines with loads are in it")
        levels = [rms(steady[i:i + 480]) for i in range(0, len(steady) - 480, 480)]
        self.assertGreater(min(levels), 0.25 * np.median(levels), "no 10 ms fell by 12 dB")

    def test_reverb_rings_over_a_load(self):
        take = Take("tail.wav")
        with take as d:
            d.send("/mod/reverb1/room", 0.8)
            d.send("/mod/reverb1/mix", 1.0)
            d.ask("/pattern/save", 2)  # no track at all
            pluck(d, 1, "hit", 440.0, reverb_send=1)
            d.ask("/pattern/save", 1)
            d.ask("/pattern/load", 1)
            d.ask("/seq/start")
            time.sleep(0.5)
            d.ask("/pattern/load", 2)
            time.sleep(2.5)
            d.ask("/panic")
        x = take.left()
        start = onsets(x)[0]
        line = start + BAR
        before, after = rms(x[line - 480:line]), rms(x[line:line + 480])
        self.assertGreater(before, 1e-4)
        self.assertLess(abs(20 * np.log10(after / before)), 6.0, "no jump at the bar line")
        self.assertGreater(rms(x[line + 9600:line + 14400]), 0.01 * before, "0.2 s later it rings")
        self.assertLess(rms(x[line + 24000:line + 28800]), before, "and nothing strikes any more")


class Silence(unittest.TestCase):
    def test_panic_silences_within_ten_milliseconds_and_for_good(self):
        """A drone into a delay that would grow for ever."""
        take = Take("panic.wav")
        with take as d:
            for path, value in (("feedback", 1.1), ("mix", 1.0), ("time", 0.1)):
                d.send("/mod/delay1/" + path, value)
            d.send("/mod/reverb1/mix", 1.0)
            for send in ("reverb", "delay"):
                d.send(f"/mod/voice1/send/{send}", 1.0)
            drone(d)
            d.ask("/seq/start")
            time.sleep(1.2)
            d.ask("/panic")
            time.sleep(1.5)
        x = np.max(np.abs(take.sound()), axis=1)
        quiet = last_loud(x, 1e-4) + 1
        full = peak(x[quiet - 12000:quiet - 2400])
        falls = last_loud(x[:quiet], 0.7 * full)
        print(f"\npanic: {quiet - falls} frames from full level {full:.2f} to -80 dBFS")
        self.assertGreater(full, 0.3)
        self.assertLessEqual(quiet - falls, 480)
        self.assertGreater(len(x) - quiet, 1.2 * RATE, "and stays silent for all of the rest")

    def test_no_note_hangs_after_stop_clear_or_remove(self):
        take = Take("hang.wav")

        def stop(d):
            d.ask("/seq/stop")

        def clear(d):
            d.ask("/seq/clear")

        def remove(d):
            d.ask("/seq/set", "drone", "pattern", "X_" + "." * 14)
            d.ask("/seq/remove", "drone")

        def by_hand(d):
            d.ask("/seq/stop")
            d.send("/gate/voice1", 1)
            time.sleep(0.4)
            d.ask("/seq/stop")

        with take as d:
            for ending in (stop, clear, remove, by_hand):
                drone(d)
                if ending is remove:
                    d.ask("/seq/set", "drone", "pattern", "X_X_X_X_X_X_X_X_")
                d.ask("/seq/start")
                time.sleep(0.4)
                ending(d)
                time.sleep(0.6)
                d.ask("/seq/stop")
        spans = loud_spans(take.left(), 1e-3, 4800)
        # by_hand: the drone of the track, then the one by hand, which may touch.
        self.assertIn(len(spans), (4, 5), spans)
        for (_, end), (begin, _) in zip(spans[:3], spans[1:4]):
            self.assertGreater(begin - end, 0.25 * RATE)
        self.assertGreater(len(take.left()) - spans[-1][1], 0.4 * RATE, "silent at the end")


class Recordings(unittest.TestCase):
    def play(self, d):
        kick(d, "X..x")
        d.ask("/seq/add", "hat", "voice4", "..x.", 3000.0, "delay_send=0.3")
        time.sleep(0.2)  # what glides has arrived
        d.ask("/seq/start")

    def takes(self, *names):
        takes = [Take(name, *args) for name, *args in names]
        for take in takes:
            self.play(take.daemon)
        time.sleep(2.6)
        for take in takes:
            take.daemon.ask("/panic")
            take.__exit__()
        return [take.file for take in takes]

    def music(self, path):
        """Two seconds from the first sound on."""
        rate, x = read_wav(path)
        start = onsets(x[:, 0])[0]
        return x[start - 16:start - 16 + 2 * RATE]

    def test_the_same_commands_give_the_same_sound_in_every_format(self):
        """Two runs are equal bit by bit; files of 24 and 16 bits are less than a step of
        theirs away. (The reverb's slow motion runs from the first frame on, not from the first step:
        it is left out.)"""
        first, second, s24, s16, flac = self.takes(
            ("one.wav",), ("two.wav",), ("deep.wav", "--record-format", "s24"),
            ("shallow.wav", "--record-format", "s16"), ("packed.flac",))
        x = self.music(first)
        self.assertEqual(len(x), 2 * RATE)
        self.assertTrue(np.array_equal(x, self.music(second)), "two runs differ")
        unpacked = os.path.join(folder, "unpacked.wav")
        subprocess.run(["flac", "--silent", "-d", "-f", "-o", unpacked, flac], check=True)
        for file, bits in ((s24, 24), (unpacked, 24), (s16, 16)):
            with self.subTest(file=os.path.basename(file)):
                error = peak(self.music(file) - x) * 2 ** (bits - 1)
                self.assertLess(error, 1.0, "steps of its own away from what was played")
                told = subprocess.run(["soxi", "-b", file], check=True, text=True,
                                      stdout=subprocess.PIPE).stdout
                self.assertEqual(int(told), bits)

    def test_a_recording_is_a_sound_file_after_kill_9(self):
        """Its header is never more than a second old, and never tells of samples that are not."""
        takes = [Take("killed.wav"), Take("killed.flac")]
        for take in takes:
            kick(take.daemon)
            take.daemon.ask("/seq/start")
        time.sleep(4.0)
        elapsed = [time.monotonic() - take.began for take in takes]
        for take in takes:
            take.daemon.kill()
        with open(takes[0].file, "rb") as file:
            data = file.read()
        at = data.index(b"data")
        told = struct.unpack("<I", data[at + 4:at + 8])[0]
        self.assertLessEqual(told, len(data) - at - 8, "the header tells of more than there is")
        self.assertGreater(told / 8 / RATE, elapsed[0] - 2.5, "the header is stale")
        starts = onsets(takes[0].left())
        self.assertGreater(len(starts), 8)
        self.assertEqual(set(np.diff(starts)), {STEP})
        unpacked = os.path.join(folder, "saved.wav")
        subprocess.run(["flac", "--silent", "-d", "-F", "-f", "-o", unpacked, takes[1].file],
                       stderr=subprocess.DEVNULL)
        self.assertGreater(len(read_wav(unpacked)[1]) / RATE, elapsed[1] - 2.5)
        for take in takes:
            take.__exit__()

    def test_a_recording_asked_for_holds_what_was_played_in_between(self):
        with Daemon() as d:
            kick(d)
            d.ask("/seq/start")
            time.sleep(0.3)
            path = d.ask("/engine/record/start", "take.wav").values[0]
            time.sleep(1.5)
            done = d.ask("/engine/record/stop")
            rate, x = read_wav(path)
            self.assertEqual(done.values[2], len(x))
            self.assertEqual(set(np.diff(onsets(x[:, 0]))), {STEP})
            self.assertTrue(path.startswith(os.path.join(d.state, "recordings")))


class Timing(unittest.TestCase):
    def test_a_tempo_change_within_a_bar_keeps_the_place_in_it(self):
        """The step under way counts its first part at the old tempo and the rest at the new one."""
        take = Take("tempo.wav")
        with take as d:
            pluck(d, 1, "steps", 2000.0, pan=-1)
            pluck(d, 3, "bars", 2000.0, pan=1)
            d.ask("/seq/update/pattern", "bars", "X" + "." * 15)
            d.ask("/seq/start")
            time.sleep(1.3)
            d.ask("/seq/bpm", 150.0)
            time.sleep(3.0)
            d.ask("/panic")
        x = take.sound()
        starts = onsets(x[:, 0])
        gaps = np.diff(starts)
        new = 4800  # 60 / 150 / 4 * 48000
        first_new = int(np.flatnonzero(gaps == new)[0])
        between = gaps[:first_new][gaps[:first_new] != STEP]
        self.assertTrue(np.all(gaps[first_new:] == new), gaps)
        self.assertLessEqual(len(between), 1)
        for gap in between:
            # a frames of the old tempo, on the tick grid, then the rest of the step at the new one
            possible = [a + int(np.ceil((1 - a / STEP) * new - 1e-9)) for a in range(1, STEP)]
            self.assertIn(int(gap), possible)
        bars = onsets(x[:, 1])
        self.assertGreaterEqual(len(bars), 3)
        self.assertTrue(np.array_equal(bars, starts[::16][:len(bars)]), "a bar is still 16 steps")

    def test_z_a_minute_of_steps_is_exact(self):
        """60 s at 120 BPM are 480 steps of 6000 frames, every single one."""
        starts = onsets(whole_minute("straight"))
        self.assertGreaterEqual(len(starts), 480)
        self.assertEqual(set(np.diff(starts)), {STEP})

    def test_z_swing_delays_odd_steps_and_keeps_the_bar(self):
        """0.6 of half a step is 1800 frames; the bar stays 96,000 for a minute."""
        starts = onsets(whole_minute("swung"))
        self.assertGreaterEqual(len(starts), 480)
        place = starts - starts[0]
        steps = np.arange(len(starts))
        late = np.where(steps % 2 == 1, 1800, 0)
        self.assertTrue(np.array_equal(place, steps * STEP + late))
        self.assertEqual(set(np.diff(starts[::16])), {BAR})


if __name__ == "__main__":
    unittest.main(verbosity=2)
