"""What `practice doctor` tells: the settings, and the checks, as tables or JSON lines."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import click
from pydantic import ValidationError

from gateway.checks import Check, Outcome, run_checks
from gateway.program import validation_text
from gateway.settings import ENV_PREFIX, Settings, environment_name

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT: Final = "default"
ENVIRONMENT: Final = "environment"
MASKED: Final = "(set, hidden)"

#: Variables that other parts of the program read: what they do, and what holds without them.
CLIENT_VARIABLES: Final = {
    "PRACTICE_SERVER": ("Server that clients connect to.", "localhost:50051"),
    "PRACTICE_TOKEN": ("Access token that clients send.", ""),
    "PRACTICE_CREDENTIALS_DIR": (
        "Where clients keep logins.",
        "the user's folder for program data",
    ),
    "PRACTICE_DEBUG": ("Show tracebacks instead of one line.", ""),
}
_SECRET_NAME: Final = re.compile(r"TOKEN|SECRET|PASSWORD|KEY$")
_PASSWORD_IN_URL: Final = re.compile(r"(?P<lead>://[^:/@]*:)[^@]*(?=@)")


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting: its variable, value as shown, origin and meaning."""

    name: str
    value: str
    source: str
    description: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the doctor found."""

    settings: tuple[SettingRow, ...]
    checks: tuple[Check, ...]

    @property
    def exit_code(self) -> int:
        """1 when a check failed, else 0."""
        return int(any(check.outcome is Outcome.FAILED for check in self.checks))


async def diagnose(environ: Mapping[str, str] = os.environ) -> Report:
    """Collect settings and run every check."""
    try:
        settings = Settings()
    except ValidationError as error:
        settings = Settings.model_construct()
        wrong = Check("settings", Outcome.FAILED, validation_text(error))
        return Report(setting_rows(settings, environ), (wrong,))
    return Report(setting_rows(settings, environ), await run_checks(settings, environ))


def setting_rows(settings: Settings, environ: Mapping[str, str]) -> tuple[SettingRow, ...]:
    """Return every setting, secrets hidden, and variables that nobody knows."""
    rows = []
    for field_name, field in Settings.model_fields.items():
        name = environment_name(field_name)
        is_set = name in environ
        value = environ[name] if is_set else str(getattr(settings, field_name))
        rows.append(_row(name, value, field.description or "", is_set=is_set))
    for name, (description, fallback) in CLIENT_VARIABLES.items():
        rows.append(_row(name, environ.get(name, fallback), description, is_set=name in environ))
    known = {row.name for row in rows}
    rows += [
        _row(name, environ[name], "Unknown: nothing reads it.", is_set=True)
        for name in sorted(environ)
        if name.startswith(ENV_PREFIX) and name not in known
    ]
    return tuple(rows)


def _row(name: str, value: str, description: str, *, is_set: bool) -> SettingRow:
    if value and _SECRET_NAME.search(name):
        value = MASKED
    value = _PASSWORD_IN_URL.sub(r"\g<lead>***", value)
    return SettingRow(name, value, ENVIRONMENT if is_set else DEFAULT, description)


def print_json(report: Report) -> None:
    """Print one object per line, each with exactly one key."""
    for row in report.settings:
        click.echo(json.dumps({"setting": asdict(row)}))
    for check in report.checks:
        line = {"name": check.name, "outcome": check.outcome.value, "detail": check.detail}
        click.echo(json.dumps({"check": line}))


def print_tables(report: Report) -> None:
    """Print both tables for a person."""
    from rich.console import Console  # noqa: PLC0415 - only for people
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    settings = Table(title="Settings", title_justify="left")
    settings.add_column("setting", no_wrap=True, min_width=22)
    settings.add_column("value", overflow="fold")
    settings.add_column("from", no_wrap=True)
    settings.add_column("meaning")
    for row in report.settings:
        cells = (row.name, row.value, row.source, row.description)
        settings.add_row(*(Text(cell) for cell in cells))
    checks = Table("check", "", title="Checks", title_justify="left")
    checks.add_column("finding", overflow="fold")
    styles = {Outcome.OK: "green", Outcome.WARNING: "yellow", Outcome.FAILED: "bold red"}
    for check in report.checks:
        outcome = Text(check.outcome.value, style=styles[check.outcome])
        checks.add_row(check.name, outcome, Text(check.detail))
    console = Console()
    console.print(settings)
    console.print(checks)
