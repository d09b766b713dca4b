"""How well the engine hears onsets: how many, how late, how exactly, by the kind of attack.

``python -m analysis_engine.training.onset_noise CORPUS...`` measures it on generated corpora with
exact truth and prints two tables: by kind of attack, as the instruments have it, and by the mean
softness of a clip's attacks, which is what the engine hears of that. ``--write`` makes the second
one `analysis_engine.tracking.attack_table`.

Noise is the spread within a clip around that clip's own delay: a delay that is always the same
makes nobody uneven.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import soundfile as sf

from analysis_engine.config import Encoding, StreamConfig
from analysis_engine.dsp.front_end import HOP_S
from analysis_engine.dsp.pcm import ENCODING_CODES
from analysis_engine.tracking import attack_table, pipeline, pulse
from analysis_engine.tracking.decoder import DecoderConfig

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Kinds of attack and the instruments that have them.
KINDS: Final = {
    "struck or plucked": ("piano", "guitar"),
    "percussion": ("drums",),
    "bowed": ("violin",),
    "blown": ("flute", "trumpet", "clarinet"),
}
_MATCH_S: Final = 0.05
_MAD_TO_SD: Final = 1.4826
# A clip with fewer matched onsets says little of its delay, and one with more strays than this
# share is no measure of notes.
_FEWEST: Final = 15
_STRAY_SHARE: Final = 0.25
# Mean softness: edges of the rows, and the fewest clips that make one.
_SOFTNESS_EDGES: Final = (0.0, 0.05, 0.15, 0.4, 0.7, 0.9, 0.97, 1.01)
_FEWEST_CLIPS: Final = 5

_TABLE_HEAD: Final = '''\
"""Measured: made by ``python -m analysis_engine.training.onset_noise CORPUS... --write``."""

from __future__ import annotations

from typing import Final

#: Mean softness of the attacks, how much later than played they are heard (s), and noise (sd, s).
BY_SOFTNESS: Final = (
'''


@dataclass(frozen=True, slots=True)
class ClipHearing:
    """What the engine heard of one clip.

    ``errors_s`` (matched,) is time heard minus time played; ``softness`` the mean over all onsets.
    """

    instrument: str
    played: int
    heard: int
    errors_s: np.ndarray
    softness: float

    @property
    def measures(self) -> bool:
        """Whether delay and noise can be read off this clip."""
        matched = self.errors_s.size
        return matched >= _FEWEST and matched >= (1.0 - _STRAY_SHARE) * self.heard

    @property
    def delay_s(self) -> float:
        """Median error."""
        return float(np.median(self.errors_s))

    @property
    def noise_s(self) -> float:
        """Robust standard deviation of the errors around their own median."""
        return _MAD_TO_SD * float(np.median(np.abs(self.errors_s - self.delay_s)))


def onsets_of(path: Path) -> np.ndarray:
    """Return (n, 2): time in s and softness of every onset the front end finds in a clip."""
    samples, rate_hz = sf.read(path, dtype="int16", always_2d=True)
    config = StreamConfig(Encoding.LINEAR16, rate_hz, samples.shape[1])
    state = pipeline.make_pipeline(config, DecoderConfig())
    step = pipeline.slice_samples(rate_hz)
    code = ENCODING_CODES[config.encoding]
    found: list[np.ndarray] = []
    for start in range(0, len(samples), step):
        raw = np.frombuffer(samples[start : start + step].tobytes(), np.uint8)
        count = pipeline.advance(state, raw, code, config.channel_count)
        rows = state.events[:count]
        rows = rows[rows[:, 1] == pulse.ONSET]
        found.append(np.column_stack([(rows[:, 2] + 1.0) * HOP_S, rows[:, 6]]))
    return np.concatenate(found)


def match(played_s: np.ndarray, heard_s: np.ndarray) -> np.ndarray:
    """Return heard minus played, s, of every played note with an onset near; each is used once."""
    free = np.ones(heard_s.size, bool)
    errors_s = []
    for at_s in played_s:
        distance_s = np.where(free, np.abs(heard_s - at_s), np.inf)
        nearest = int(np.argmin(distance_s)) if heard_s.size else 0
        if heard_s.size and distance_s[nearest] <= _MATCH_S:
            free[nearest] = False
            errors_s.append(float(heard_s[nearest] - at_s))
    return np.array(errors_s)


def hearings_of(corpus: Path) -> Iterator[ClipHearing]:
    """Listen to every clip of a corpus that has notes."""
    for line in (corpus / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        clip = json.loads(line)
        if not clip["onsets"]:
            continue
        played_s = np.array(clip["onsets"])[:, 0]
        heard = onsets_of(corpus / clip["file"])
        softness = float(heard[:, 1].mean()) if len(heard) else 0.0
        errors_s = match(played_s, heard[:, 0])
        yield ClipHearing(clip["instrument"], len(played_s), len(heard), errors_s, softness)


def kind_rows(hearings: Sequence[ClipHearing]) -> Iterator[str]:
    """One line for each kind of attack and each instrument."""
    yield "attack             clips  recall  precision  delay ms  noise ms"
    for kind, instruments in KINDS.items():
        groups = [(kind, instruments), *((f"  {name}", (name,)) for name in instruments)]
        for name, members in groups if len(instruments) > 1 else groups[:1]:
            mine = [h for h in hearings if h.instrument in members]
            if not mine:
                continue
            matched = sum(h.errors_s.size for h in mine)
            recall = matched / sum(h.played for h in mine)
            precision = matched / max(1, sum(h.heard for h in mine))
            exact = [h for h in mine if h.measures]
            delay_ms = 1000.0 * np.median([h.delay_s for h in exact]) if exact else np.nan
            noise_ms = 1000.0 * np.median([h.noise_s for h in exact]) if exact else np.nan
            yield (
                f"{name:18s} {len(mine):5d}  {recall:6.2f}  {precision:9.2f}  {delay_ms:8.1f}"
                f"  {noise_ms:8.1f}"
            )


def softness_table(hearings: Sequence[ClipHearing]) -> list[tuple[float, float, float, int]]:
    """Rows of mean softness, delay (s), noise (s), clips: medians over the clips of each row."""
    rows = []
    for low, high in pairwise(_SOFTNESS_EDGES):
        mine = [h for h in hearings if h.measures and low <= h.softness < high]
        if len(mine) >= _FEWEST_CLIPS:
            softness = float(np.mean([h.softness for h in mine]))
            delay_s = float(np.median([h.delay_s for h in mine]))
            noise_s = float(np.median([h.noise_s for h in mine]))
            rows.append((softness, delay_s, noise_s, len(mine)))
    return rows


def table_source(rows: Sequence[tuple[float, float, float, int]]) -> str:
    """Source of `analysis_engine.tracking.attack_table` for these rows."""
    lines = [f"    ({s:.3f}, {d:.4f}, {n:.4f}),\n" for s, d, n, _ in rows]
    return _TABLE_HEAD + "".join(lines) + ")\n"


def main(arguments: list[str] | None = None) -> None:
    """Print the tables for the corpora named on the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis_engine.training.onset_noise", description=__doc__
    )
    parser.add_argument("corpora", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true", help="make the table the engine's own")
    options = parser.parse_args(arguments)
    hearings = [hearing for corpus in options.corpora for hearing in hearings_of(corpus)]
    rows = softness_table(hearings)
    lines = [*kind_rows(hearings), "", "softness  clips  delay ms  noise ms"]
    lines += [f"{s:8.2f}  {c:5d}  {1000 * d:8.1f}  {1000 * n:8.1f}" for s, d, n, c in rows]
    sys.stdout.write("\n".join(lines) + "\n")
    if options.write:
        Path(attack_table.__file__).write_text(table_source(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
