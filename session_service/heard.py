"""What practice sessions need of the metrics: how accurate it was while a segment was worked on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Select, func, select

from session_service.progress.model import WindowMetric
from session_service.sessions.heatmap import MeanAccuracy

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from session_service.sessions.heatmap import Stretch


class HeardWindows:
    """Windows by their table."""

    def accuracy(
        self, session: Session, stretches: Sequence[Stretch]
    ) -> dict[uuid.UUID, MeanAccuracy]:
        """Return by segment the mean accuracy of the windows that ended in its stretches."""
        sums: dict[uuid.UUID, tuple[float, int]] = {}
        for stretch in stretches:
            total, count = sums.get(stretch.segment_id, (0.0, 0))
            more, windows = session.execute(_heard_in(stretch)).one()
            sums[stretch.segment_id] = (total + (more or 0.0), count + windows)
        return {
            segment_id: MeanAccuracy(total / count, count)
            for segment_id, (total, count) in sums.items()
            if count
        }


def _heard_in(stretch: Stretch) -> Select[float | None, int]:
    return select(func.sum(WindowMetric.accuracy), func.count(WindowMetric.accuracy)).where(
        WindowMetric.session_id == stretch.session_id,
        WindowMetric.recorded_at > stretch.start,
        WindowMetric.recorded_at <= stretch.end,
    )
