"""What one click adds to the bands, learned from click to click, and how it is taken off again."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from analysis_engine.dsp.bursts import BANDS_PER_GROUP, GROUPS, NOTHING
from analysis_engine.dsp.filterbank import BAND_COUNT
from analysis_engine.dsp.kernel import copy, kernel
from analysis_engine.dsp.logarithm import log

#: A click is described in blocks of frames, from before its centre until it has died away.
BLOCKS: Final = 5
BLOCK_FRAMES: Final = 4
#: Frames from the first block to the click's centre.
LEAD_FRAMES: Final = 6
SPAN_FRAMES: Final = BLOCKS * BLOCK_FRAMES
# Then the last block fades: 60 dB in 0.95 s, as in a large room.
TAIL_FRAMES: Final = 60
_TAIL_KEEP: Final = np.float32(0.93)
# A short burst's loudest frame holds this share of its energy.
_PEAK_SHARE: Final = 0.6
_MARGIN: Final = np.float32(1.25)
_FALL: Final = np.float32(0.4)
_CREEP: Final = np.float32(1.03)
# Below this share of a band a click is not worth taking off.
_LEAST: Final = np.float32(0.05)


class ClickTemplate(NamedTuple):
    """One click's magnitudes.

    ``blocks`` (5, 60) float32 the most that a click adds in each block; ``seen`` (60,) the most
    that was added in this block of this click; ``held`` (60,) what sounded just before the click.
    """

    blocks: np.ndarray
    seen: np.ndarray
    held: np.ndarray


def make_template() -> ClickTemplate:
    """Return the template of no click."""
    return ClickTemplate(
        np.zeros((BLOCKS, BAND_COUNT), np.float32),
        np.zeros(BAND_COUNT, np.float32),
        np.zeros(BAND_COUNT, np.float32),
    )


@kernel
def guess(template, levels):
    """Start from the log energies (15,) of the click's groups: no band can hold more than that."""
    for group in range(GROUPS):
        energy = np.exp(levels[group]) if levels[group] > NOTHING else 0.0
        first = group * BANDS_PER_GROUP
        template.blocks[:, first : first + BANDS_PER_GROUP] = np.sqrt(_PEAK_SHARE * energy)
    template.seen[:] = 0.0


@kernel
def hold(template, magnitudes):
    """Remember what sounds just before a click."""
    copy(magnitudes, template.held)
    template.seen[:] = 0.0


@kernel(fastmath=True)
def see(template, magnitudes):
    """Take one frame of a click, before anything is taken off it."""
    held, seen = template.held, template.seen
    for band in range(BAND_COUNT):
        extra = magnitudes[band] * magnitudes[band] - held[band] * held[band]
        if extra > seen[band] * seen[band]:
            seen[band] = np.sqrt(extra)


@kernel(fastmath=True)
def learn(template, block, clicks):
    """Move a block towards what was seen: down fast, because notes only add; up hardly.

    ``clicks`` learnt from before: the first replaces the guess.
    """
    known, seen = template.blocks[block], template.seen
    for band in range(BAND_COUNT):
        if seen[band] < known[band]:
            share = np.float32(1.0) if clicks == 0 else _FALL
            known[band] += share * (seen[band] - known[band])
        else:
            known[band] = min(seen[band], known[band] * _CREEP)
        seen[band] = 0.0


@kernel(fastmath=True)
def share_seen(template, block):
    """Return which share of a block's click was there, 0..1."""
    both = np.float32(0.0)
    whole = np.float32(1e-12)
    for band in range(BAND_COUNT):
        both += min(template.blocks[block, band], template.seen[band])
        whole += template.blocks[block, band]
    return both / whole


@kernel
def block_beside(frame):
    """Return the block that a frame of a click touches: its own where it is inside."""
    block = frame // BLOCK_FRAMES
    inside = frame % BLOCK_FRAMES
    if inside == 0:
        return max(0, block - 1)
    return min(BLOCKS - 1, block + 1) if inside == BLOCK_FRAMES - 1 else block


@kernel
def tail_fade(frames):
    """Return what is left of the last block so many frames after it, 0..1."""
    return _TAIL_KEEP ** np.float32(frames)


@kernel(fastmath=True)
def take_off(template, block, beside, fade, peak, magnitudes, bands):
    """Take ``fade`` times a block off ``magnitudes`` and ``bands`` (60,), in place.

    Where in a frame a click lies differs from click to click, so a frame at the edge of its block
    takes the larger of that and the block ``beside`` it. What the click and the sound before it
    explain stays as it was before the click, so that a held note neither rises nor dips. A band
    above that holds a new note, whose power is kept.
    """
    held, known, near = template.held, template.blocks[block], template.blocks[beside]
    inverse_peak = np.float32(1.0) / peak
    for band in range(BAND_COUNT):
        click = _MARGIN * fade * max(known[band], near[band])
        magnitude = magnitudes[band]
        if click < _LEAST * magnitude:
            continue
        rest = min(magnitude, held[band])
        if magnitude > held[band] + click:
            rest = max(rest, np.sqrt(magnitude * magnitude - click * click))
        magnitudes[band] = rest
        bands[band] = log(np.float32(1.0) + rest * inverse_peak)
