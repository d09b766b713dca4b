"""Running a server program: its event loop, its signals, its one line of failure."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

import click
from pydantic import ValidationError

from gateway.settings import Settings, environment_name

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

Result = TypeVar("Result")


def settings_with(**chosen: object) -> Settings:
    """Return the settings; what was chosen on the command line wins over the environment.

    Raises
    ------
    click.ClickException
        When a variable holds something that does not fit; one line names it.
    """
    try:
        return Settings.model_validate(
            {
                **Settings().model_dump(exclude_unset=True),
                **{name: value for name, value in chosen.items() if value is not None},
            }
        )
    except ValidationError as error:
        raise click.ClickException(validation_text(error)) from error


def validation_text(error: ValidationError) -> str:
    """Return one line that names every setting that does not fit."""
    return "; ".join(
        f"{environment_name(str(item['loc'][0]))}: {item['msg'].lower()}" for item in error.errors()
    )


def run(main: Callable[[], Coroutine[object, object, Result]]) -> Result:
    """Run a program on uvloop where there is one, else on asyncio's own loop."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(main())


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415 - not there on Windows
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


@contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
    """Yield an event that SIGTERM or Ctrl-C sets; a second one ends the program at once."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    task = asyncio.current_task()

    def on_signal() -> None:
        if stopped.is_set() and task is not None:
            task.cancel()
        stopped.set()

    installed = []
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError, RuntimeError, ValueError):  # Windows, or a thread
            loop.add_signal_handler(number, on_signal)
            installed.append(number)
    try:
        yield stopped
    finally:
        for number in installed:
            loop.remove_signal_handler(number)


def say(line: str) -> None:
    """Print a line for a person on stderr, where it can't mix with results."""
    click.echo(line, err=True)
