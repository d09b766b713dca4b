"""The model card: what the shipped network is, what it learned from, and what it can do.

M. Mitchell et al., "Model cards for model reporting", FAT* 2019.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from analysis_engine.dsp.novelty import TICK_S
from analysis_engine.training.dataset import CLIP_S
from analysis_engine.training.voices.sampled import SOUND_FONTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from analysis_engine.training.fitting import FitConfig
    from analysis_engine.training.held_out import Metrics

CARD_FILE: Final = "MODEL_CARD.md"
#: A training run from nothing may differ from the card by this much (figures are 0..1).
TOLERANCE: Final = 0.05
_FENCE: Final = "```"


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a network was made with: clips learned from and kept apart, recipe, last loss.

    ``note`` says in what it differs from the recipe, if it does.
    """

    clip_count: int
    held_out_count: int
    config: FitConfig
    last_loss: float
    note: str = ""


def read_metrics(card: Path) -> Metrics:
    """Return the metrics that a card states."""
    text = card.read_text(encoding="utf-8")
    start = text.index(f"{_FENCE}json") + len(f"{_FENCE}json")
    metrics: Metrics = json.loads(text[start : text.index(_FENCE, start)])
    return metrics


def write_card(
    card: Path, provenance: Provenance, parameters: Mapping[str, Any], metrics: Metrics
) -> None:
    """Write the card."""
    config = provenance.config
    count = sum(array.size for array in parameters.values())
    hours = provenance.clip_count * CLIP_S / 3600.0
    fonts = "\n".join(f"- {font.name} ({font.licence})" for font in SOUND_FONTS)
    recipe = ", then ".join(
        f"{phase.step_count:,} steps on excerpts of {phase.tick_count * TICK_S:.0f} s"
        for phase in config.phases
    )
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    card.write_text(
        f"""# The beat network

Written by `make train` on {today}. The weights are in `beat_network.npz`, float32.

## What it is for
Every 20 ms it says how probable a beat, a downbeat and an onset are in the sound of somebody who
practises, and with what kind of attack the notes begin. A causal decoder makes tempo and beats of
it. It is not meant for finding beats in finished mixes, nor for telling instruments apart.

## What it is
{count:,} parameters ({4 * count / 1024:.0f} KiB): 120 inputs (rise and level of 60 bands) projected
to {parameters["project_bias"].size}, then two gated recurrent layers of {config.hidden}, with the
target tempo's speed and phase beside the inputs. Causal, one clip at a time, no look-ahead; what it
says of a moment is said 40 ms later.

## What it learned from
{provenance.clip_count:,} generated performances, {hours:.1f} hours: scales, arpeggios, études,
melodies, songs, preludes, fugues, strumming, drum patterns and small bands, played steadily, with
jitter, rushing, dragging, with jumps, pauses, rubato, wrong and missed notes, with a metronome in
the room, through rooms, noise and telephones; and sounds without a pulse. No recording, no score
and no label of anybody else's is in it. Instruments are the project's own synthesis and programs of
two sound fonts, which are not distributed with it:
{fonts}

Each excerpt was varied in speed (up to 0.4 octaves), colour, start and target.
The fit: {recipe};
{config.clips_per_batch} excerpts a step, seed {config.seed}; the weights of the last two are
averaged; mean loss of the last 100 steps {provenance.last_loss:.4f}.
{provenance.note}
## What it reaches
On {provenance.held_out_count} performances of the same generator that it never heard, with the
engine's decoder: beat F-measure within 70 ms and share of right tempi (within 4 %), by scenario,
with the target told and without; onsets within 50 ms. A run from nothing comes within {TOLERANCE}
of each (`python -m analysis_engine.training.train --check`). How it does on other people's
recordings stands in docs/accuracy.md.

{_FENCE}json
{json.dumps(metrics, indent=1)}
{_FENCE}

## Limits
Its instruments are synthetic or sampled, its rooms computed. Singing was not in it. Slow attacks
(bowed, blown) are heard less exactly than struck ones. Without a target it may take another
metrical level than the student has in mind.
""",
        encoding="utf-8",
    )
