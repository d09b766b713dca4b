"""Other people's trackers, run side by side where they are installed.

None of them is a dependency of this project; ``pip install aubio essentia librosa`` brings them.
"""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import soundfile

from benchmarks.accuracy.answers import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

    from numpy.typing import NDArray

    from benchmarks.accuracy.clips import Clip

HOP: Final = 512
WINDOW: Final = 1024
WARM_UP_S: Final = 3


@dataclass(frozen=True, slots=True)
class OtherTracker:
    """A tracker that may be installed.

    Parameters
    ----------
    name
        As printed; says so when it hears the whole clip before it answers.
    module
        What is imported.
    track
        (module, samples, rate) -> (beats, when each was reported or nothing).
    """

    name: str
    module: str
    track: Callable[[Any, NDArray[np.float32], int], tuple[Iterable[float], Iterable[float]]]

    def load(self) -> ModuleType | None:
        """Import it, or None where it is not installed."""
        try:
            return importlib.import_module(self.module)
        except ImportError:
            return None


def run_other(tracker: OtherTracker, module: ModuleType, clip: Clip) -> Answer:
    """Run a tracker on a whole clip."""
    samples, rate_hz = soundfile.read(clip.path, dtype="float32", always_2d=True)
    mono = np.ascontiguousarray(samples.mean(axis=1), np.float32)
    tracker.track(module, mono[: WARM_UP_S * rate_hz], rate_hz)  # compiles and loads what it needs
    started_s = time.process_time()
    beats_s, reported_s = tracker.track(module, mono, rate_hz)
    cpu_s = time.process_time() - started_s
    return Answer(
        clip=clip.name,
        beats_s=tuple(map(float, beats_s)),
        reported_s=tuple(map(float, reported_s)),
        cpu_s=cpu_s,
    )


def _aubio(
    aubio: Any, samples: NDArray[np.float32], rate_hz: int
) -> tuple[list[float], list[float]]:
    """Causal; a beat is known at the end of the hop that told it."""
    tempo = aubio.tempo("default", WINDOW, HOP, rate_hz)
    beats_s, reported_s = [], []
    for start in range(0, len(samples) - HOP + 1, HOP):
        if tempo(samples[start : start + HOP])[0]:
            beats_s.append(float(tempo.get_last_s()))
            reported_s.append((start + HOP) / rate_hz)
    return beats_s, reported_s


def _librosa(
    librosa: Any, samples: NDArray[np.float32], rate_hz: int
) -> tuple[list[float], list[float]]:
    _, beats_s = librosa.beat.beat_track(y=samples, sr=rate_hz, units="time")
    return list(beats_s), []


def _essentia(
    essentia: Any, samples: NDArray[np.float32], rate_hz: int
) -> tuple[list[float], list[float]]:
    """Multi-feature tracker, which wants 44.1 kHz."""
    if rate_hz != 44_100:
        resample = essentia.Resample(inputSampleRate=rate_hz, outputSampleRate=44_100)
        samples = resample(samples)
    beats_s, _ = essentia.BeatTrackerMultiFeature()(samples)
    return list(beats_s), []


OTHER_TRACKERS: Final = (
    OtherTracker("aubio*", "aubio", _aubio),
    OtherTracker("librosa_offline*", "librosa", _librosa),
    OtherTracker("essentia_offline*", "essentia.standard", _essentia),
)
"""The star marks what was run here, not read from a file."""
