"""Play a recording into ALSA's default capture device, in real time: microphone.py FOLDER.

CI machines have no sound card. ALSA's file plugin reads what a capture device hears out of a
file, but over the null device it has no clock and would deliver an hour in a second; so the file
is a FIFO, and this program writes the bundled steady performance into it, 50 ms every 50 ms.

A block is written only when the last one was taken, because the plugin does not wait for the rest
of a short read: blocks must be what the reader asks for, 50 ms at 48 kHz. FOLDER gets
``asound.conf`` (for ALSA_CONFIG_PATH) before the FIFO is opened.
"""

from __future__ import annotations

import fcntl
import os
import sys
import termios
import time
from pathlib import Path
from typing import Final

import numpy as np
from scipy.signal import resample_poly

from practice.media import bundled_performance, open_audio

SAMPLE_RATE_HZ: Final = 48_000
BLOCK_S: Final = 0.05
BLOCK_BYTES: Final = round(SAMPLE_RATE_HZ * BLOCK_S) * 2
LOOP_S: Final = 30.0  # 48 beats at the recording's 96 bpm: the pulse goes on over the seam

ALSA_CONFIG: Final = """\
pcm.silence {{ type null }}
pcm.recording {{
    type file
    slave.pcm silence
    file "/dev/null"
    infile "{fifo}"
    format raw
}}
pcm.!default {{
    type plug
    slave {{ pcm recording rate {rate} channels 1 format S16_LE }}
    hint.description "A recording, played into the microphone"
}}
"""


def recording() -> bytes:
    """Return the steady performance as 16-bit mono at 48 kHz, cut to a whole number of blocks."""
    with open_audio(bundled_performance("steady")) as audio:
        sound = np.concatenate(list(audio.blocks(65_536))).mean(axis=1)
        sound = resample_poly(sound, SAMPLE_RATE_HZ, audio.sample_rate_hz)
    samples = (np.clip(sound, -1, 1) * 32_767).astype("<i2")[: round(LOOP_S * SAMPLE_RATE_HZ)]
    sound_bytes: bytes = samples.tobytes()
    return sound_bytes[: len(sound_bytes) - len(sound_bytes) % BLOCK_BYTES]


def unread_bytes(pipe: int) -> int:
    """Return how much of what was written nobody has read."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)), sys.byteorder)


def play(pipe: int, sound: bytes) -> None:
    """Write block after block, forever; wait while nobody listens."""
    due_s = time.monotonic()
    while True:
        for start in range(0, len(sound), BLOCK_BYTES):
            while unread_bytes(pipe):
                time.sleep(BLOCK_S / 10)
            os.write(pipe, sound[start : start + BLOCK_BYTES])
            due_s = max(due_s + BLOCK_S, time.monotonic() - BLOCK_S)
            time.sleep(max(0.0, due_s - time.monotonic()))


def main(folder: Path) -> None:
    """Set the device up in ``folder`` and play into it until killed."""
    sound = recording()
    fifo = folder / "microphone.fifo"
    os.mkfifo(fifo)
    config = ALSA_CONFIG.format(fifo=fifo, rate=SAMPLE_RATE_HZ)
    (folder / "asound.conf").write_text(config, encoding="utf-8")
    # Open for both, so that opening never waits and a reader that leaves is no broken pipe.
    play(os.open(fifo, os.O_RDWR), sound)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
