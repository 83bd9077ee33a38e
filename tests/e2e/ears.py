"""What a recording holds: levels, pitch and colour, in numbers."""

import numpy as np

from rig import RATE


def peak(x):
    return float(np.max(np.abs(x))) if len(x) else 0.0


def rms(x):
    return float(np.sqrt(np.mean(np.square(x)))) if len(x) else 0.0


def pitch(x, low=30.0, high=8000.0):
    """The strongest frequency in Hz, between bins by a parabola through their logarithms."""
    size = 1 << 16
    power = np.abs(np.fft.rfft(x * np.hanning(len(x)), size))
    bins = np.arange(len(power)) * RATE / size
    power[(bins < low) | (bins > high)] = 0
    k = int(np.argmax(power))
    a, b, c = np.log(power[k - 1:k + 2] + 1e-30)
    return (k + 0.5 * (a - c) / (a - 2 * b + c)) * RATE / size


def share_above(x, hz):
    """How much of the energy lies above `hz`, 0..1."""
    power = np.square(np.abs(np.fft.rfft(x * np.hanning(len(x)))))
    return float(power[int(hz * len(x) / RATE):].sum() / max(power.sum(), 1e-30))


def loud_spans(x, threshold, gap):
    """(first, last) frames of every stretch above the threshold; quiet ones shorter than `gap`
    belong to the stretch around them."""
    loud = np.flatnonzero(np.abs(x) > threshold)
    if len(loud) == 0:
        return []
    cuts = np.flatnonzero(np.diff(loud) > gap)
    starts = loud[np.concatenate(([0], cuts + 1))]
    ends = loud[np.concatenate((cuts, [len(loud) - 1]))]
    return list(zip(starts.tolist(), ends.tolist()))


def last_loud(x, threshold):
    """The last frame above the threshold; -1 when there is none."""
    loud = np.flatnonzero(np.abs(x) > threshold)
    return int(loud[-1]) if len(loud) else -1
