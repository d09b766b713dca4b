"""Everything that was measured, as one text and as one JSON object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.accuracy.ablations import ablation_table
from benchmarks.accuracy.beat_ahead import beat_ahead_table
from benchmarks.accuracy.beats_and_tempo import beats_and_tempo_table, lead_table
from benchmarks.accuracy.comparison import OURS, Comparison
from benchmarks.accuracy.goals import goal_table, mode_goals, peer_goals, pulseless_goals
from benchmarks.accuracy.octaves import octave_table
from benchmarks.accuracy.pulseless import locked_counts, pulseless_table
from benchmarks.accuracy.recovery import recovery_table
from benchmarks.accuracy.reliability import reliability_table
from benchmarks.accuracy.telling import telling_table
from benchmarks.accuracy.timing import timing_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.accuracy.tables import Table


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured.

    Parameters
    ----------
    comparisons
        One per mode.
    ablations
        One per mode, or none.
    groupings
        Tables of beats and tempo that are wanted, such as motion or scenario.
    """

    comparisons: Sequence[Comparison]
    ablations: Sequence[Comparison]
    groupings: Sequence[str]

    def sections(self) -> dict[str, list[Table]]:
        """Tables by heading, in the order of a reader's questions."""
        counts = {c.mode: locked_counts(c.pairs(OURS)) for c in self.comparisons}
        goals = [
            *(goal for comparison in self.comparisons for goal in peer_goals(comparison)),
            *(goal for comparison in self.comparisons for goal in mode_goals(comparison)),
            *pulseless_goals(counts),
        ]
        sections = {"Goals": [goal_table(goals)]}
        for comparison in self.comparisons:
            sections[comparison.mode.capitalize()] = self._mode_tables(comparison)
        if any(counts.values()):
            sections["No pulse"] = [pulseless_table(counts)]
        return sections

    def _mode_tables(self, comparison: Comparison) -> list[Table]:
        tables = [beats_and_tempo_table(comparison, by) for by in self.groupings]
        tables += [
            lead_table(comparison),
            recovery_table(comparison),
            octave_table(comparison),
            timing_table(comparison),
            telling_table(comparison),
            beat_ahead_table(comparison),
            reliability_table(comparison),
        ]
        tables += [ablation_table(each) for each in self.ablations if each.mode == comparison.mode]
        return [table for table in tables if table.rows]

    def text(self) -> str:
        """All tables in Markdown, under headings of the third and fourth level."""
        parts = []
        for heading, tables in self.sections().items():
            parts += [f"### {heading}", *map(str, tables)]
        return "\n\n".join(parts)

    def to_record(self) -> dict[str, Any]:
        """Scores of every clip and tracker by mode, and the tables."""
        return {
            "modes": {comparison.mode: dict(comparison.scores) for comparison in self.comparisons},
            "tables": {
                heading: [table.to_record() for table in tables]
                for heading, tables in self.sections().items()
            },
        }
