"""A picture of the live view as SVG, for the README."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final

from rich.console import Console

from practice_client import dashboard

if TYPE_CHECKING:
    from pathlib import Path

# Rich's template loads its font from a CDN; a picture in a repository should load nothing.
_FONT_FACES: Final = re.compile(r"@font-face\s*{[^}]*}\s*")


def save_snapshot(view: dashboard.Dashboard, path: Path) -> None:
    """Write the view, 80 by 24, as an SVG picture that needs nothing from the network.

    Raises
    ------
    OSError
        When the file can't be written.
    """
    console = Console(
        width=dashboard.WIDTH,
        height=dashboard.HEIGHT,
        record=True,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    console.print(view)
    svg = console.export_svg(title="practice", unique_id="practice-live-view")
    path.write_text(_FONT_FACES.sub("", svg), encoding="utf-8")
