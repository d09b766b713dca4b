"""Checks and names of the files that commands write."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

PLOT_SUFFIXES: Final = (".png", ".svg")


class PlotPath(click.ParamType[Path]):
    """A path that ends in .png or .svg, in a folder that exists."""

    name = "file.png|svg"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Check the suffix and the folder."""
        path = Path(str(value))
        if path.suffix.lower() not in PLOT_SUFFIXES:
            self.fail(f"{path} does not end in .png or .svg", param, ctx)
        if not path.parent.is_dir():
            self.fail(f"the folder {path.parent} does not exist", param, ctx)
        return path


def numbered_path(path: Path, number: int, title: str) -> Path:
    """Return where the picture of one of several performances goes: ``plot-2-waltz.png``."""
    return path.with_name(f"{path.stem}-{number}-{Path(title).stem}{path.suffix}")
