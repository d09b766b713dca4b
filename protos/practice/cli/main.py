"""The command `practice`: finds its subcommands through entry points and reports failures.

Each package registers its own commands in the group ``practice.commands``. A command's module is
imported only when its name or its help is wanted, and stays light at import, so that
``practice --help`` answers at once. Exit codes: 0 done, 1 the work failed (one line on stderr),
2 wrong usage.
"""

from __future__ import annotations

import os
import sys
from importlib import metadata
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COMMAND_GROUP: Final = "practice.commands"
DISTRIBUTION: Final = "practice-tracker"
EXIT_DONE: Final = 0
EXIT_FAILED: Final = 1


class LazyGroup(click.Group):
    """A click group whose commands are entry points, imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the registered commands, sorted."""
        return sorted({*super().list_commands(ctx), *_entry_points()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command; None when there is none of that name."""
        entry_point = _entry_points().get(cmd_name)
        if entry_point is None:
            return super().get_command(ctx, cmd_name)
        try:
            command = entry_point.load()
        except ImportError as error:
            if debug_wanted():
                raise
            return _unavailable(cmd_name, error)
        if not isinstance(command, click.Command):
            raise TypeError(f"the entry point {entry_point.value} is no click command")
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=DISTRIBUTION, prog_name="practice")
def cli() -> None:
    """Practice Tracker: tempo, accuracy and mood of what you play."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its code; never shows a traceback unless asked to."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Unexpected errors become one line on stderr; with ``PRACTICE_DEBUG=1`` they are raised.
    """
    try:
        result = cli.main(arguments, prog_name="practice", standalone_mode=False)
    except click.ClickException as error:
        return _show(error)
    except (click.Abort, KeyboardInterrupt):
        click.echo("practice: interrupted", err=True)
        return EXIT_FAILED
    except BrokenPipeError:
        _forget_stdout()
        return EXIT_FAILED
    except Exception as error:
        if debug_wanted():
            raise
        click.echo(f"practice: {failure_text(error)}", err=True)
        return EXIT_FAILED
    return result if isinstance(result, int) else EXIT_DONE


def debug_wanted() -> bool:
    """Tell whether the person asked for tracebacks (``PRACTICE_DEBUG=1``)."""
    return os.environ.get("PRACTICE_DEBUG", "").lower() not in {"", "0", "false", "no"}


def failure_text(error: BaseException) -> str:
    """Return one line that says what went wrong.

    Errors that are made for people (media, practice.rpc) speak for themselves; others are named
    with their type, because their text alone often says too little.
    """
    text = " ".join(str(error).split())
    if type(error).__module__.split(".")[0] in {"practice", "practice_client"} and text:
        return text
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    hint = "(PRACTICE_DEBUG=1 shows where)"
    return (
        f"unexpected {type(error).__name__}: {text} {hint}"
        if text
        else f"unexpected {type(error).__name__} {hint}"
    )


def _entry_points() -> Mapping[str, metadata.EntryPoint]:
    return {point.name: point for point in metadata.entry_points(group=COMMAND_GROUP)}


def _unavailable(name: str, error: ImportError) -> click.Command:
    reason = f"not available here: {error}"

    def fail() -> None:
        raise click.ClickException(f"`practice {name}` is {reason}")

    return click.Command(name, callback=fail, help=reason, short_help=reason)


def _show(error: click.ClickException) -> int:
    if isinstance(error, click.UsageError):
        error.show()
    else:
        click.echo(f"practice: {error.format_message()}", err=True)
    return error.exit_code


def _forget_stdout() -> None:
    """Point stdout at nothing, so that Python's flush at exit does not fail once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
