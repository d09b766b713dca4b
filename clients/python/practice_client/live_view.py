"""Shows a live stream to a person, or prints it for a program.

`run_stream_view` is what `practice stream` and `practice listen` run, and what the gateway's
`practice demo` calls through its composition root::

    from practice_client.file_source import FileSource
    from practice_client.live_view import ViewOptions, run_stream_view

    exit_code = await run_stream_view("127.0.0.1:50051", FileSource(path), ViewOptions())

It runs on the caller's event loop (a server may run on the same one), handles Ctrl-C politely
(the stream is finished and its summary shown; a second Ctrl-C cancels), prints errors as one line
on stderr, and returns the exit code: 0 done, 1 failed.
"""

from __future__ import annotations

import asyncio
import copy
import signal
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.live import Live

from practice.analysis.v1 import analysis_pb2 as pb
from practice.cli.lines import event_text, window_text
from practice.cli.options import MusicOptions, OutputOptions
from practice.cli.performance import Performance
from practice.cli.report import Report, write_files
from practice.cli.tables import summary_table
from practice.cli.words import clock_text
from practice.media import MediaError
from practice.rpc.errors import ErrorCode, PracticeError
from practice_client import dashboard
from practice_client.capture import CaptureError
from practice_client.live_stream import ConnectionState, LiveStream
from practice_client.replay_buffer import Overflow
from practice_client.snapshot import save_snapshot
from practice_client.tempo_prior import tempo_prior

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from practice_client.endpoint import Endpoint
    from practice_client.live_stream import Result
    from practice_client.reconnect import ReconnectPolicy
    from practice_client.source import AudioSource

EXIT_DONE: Final = 0
EXIT_FAILED: Final = 1
_FRAMES_PER_SECOND: Final = 15
_STATE_NOTES: Final = {
    ConnectionState.CONNECTING: "connecting",
    ConnectionState.RECONNECTING: "connection lost, coming back",
}
_STRICTNESSES: Final = {
    "lenient": pb.STRICTNESS_LENIENT,
    "normal": pb.STRICTNESS_NORMAL,
    "strict": pb.STRICTNESS_STRICT,
}


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """How a stream is asked for and shown.

    Attributes
    ----------
    music
        Target, strictness, metre.
    output
        JSON, beats, plot, CSV.
    session_id
        Practice session that the results belong to, or None.
    fast
        Whether the source gives audio as fast as it is taken.
    snapshot_path
        SVG picture of the live view to write, or None.
    policy
        How broken connections are tried again; the default one when None.
    """

    music: MusicOptions = field(default_factory=MusicOptions)
    output: OutputOptions = field(default_factory=OutputOptions)
    session_id: str | None = None
    fast: bool = False
    snapshot_path: Path | None = None
    policy: ReconnectPolicy | None = None


async def run_stream_view(
    server: Endpoint | str,
    source: AudioSource,
    options: ViewOptions | None = None,
    *,
    file_name: str | None = None,
    console: Console | None = None,
    on_interrupt: Callable[[], None] = lambda: None,
) -> int:
    """Stream a source to a server and show what it says.

    Parameters
    ----------
    server
        Endpoint or ``host:port``.
    source
        What is heard; it is closed at the end.
    options
        How it is asked for and shown.
    file_name
        Joins every JSON line when several files are streamed.
    console
        Where a person reads; standard output when None.
    on_interrupt
        Called at the first Ctrl-C, which ends the source and still gets the summary.

    Returns
    -------
    int
        Exit code: 0 when the summary came, 1 when not (one line on stderr says why).

    Raises
    ------
    BrokenPipeError
        When nobody reads standard output any more.
    """
    options = options or ViewOptions()
    view = _StreamView(source, options, console or Console(), file_name)
    try:
        with _finishing_on_interrupt(source, on_interrupt):
            performance = await view.run(server)
        write_files([performance], options.output)
    except BrokenPipeError:
        # Whoever read our lines (`| head`) has seen enough: click ends the command quietly.
        raise
    except (PracticeError, MediaError, CaptureError, OSError) as error:
        sys.stderr.write(f"practice: {_failure_text(error, server)}\n")
        return EXIT_FAILED
    finally:
        await source.close()
    return EXIT_DONE


def stream_config(source: AudioSource, options: ViewOptions) -> pb.StreamConfig:
    """Return what is asked of the server for a source."""
    music = options.music
    return pb.StreamConfig(
        encoding=source.encoding,
        sample_rate_hz=source.sample_rate_hz,
        channel_count=source.channel_count,
        target_bpm=music.target_bpm,
        beats_per_bar=music.beats_per_bar,
        strictness=_STRICTNESSES[music.strictness],
        pace=pb.PACE_AS_FAST_AS_POSSIBLE if options.fast else pb.PACE_REAL_TIME,
        session_id=options.session_id,
        emit_beats=True,
        tempo_prior=tempo_prior(music.tempo_prior),
    )


class _StreamView:
    """One source, one stream, one way to show it."""

    def __init__(
        self, source: AudioSource, options: ViewOptions, console: Console, file_name: str | None
    ) -> None:
        self._source = source
        self._options = options
        self._console = console
        self._performance = Performance(
            source.name, source.sample_rate_hz, options.music.target_bpm
        )
        self._report = Report(
            self._performance,
            options.output,
            self._print_line,
            file_name=file_name,
            with_events=True,
        )
        self._dashboard = dashboard.Dashboard(
            source.name,
            source.sample_rate_hz,
            target_bpm=options.music.target_bpm,
            duration_s=source.duration_s,
        )
        self._snapshot_view = self._dashboard
        self._redraw: Callable[[], None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_drawn = not options.output.as_json and can_draw(console)

    async def run(self, server: Endpoint | str) -> Performance:
        """Stream until the summary; returns everything that was said."""
        async with LiveStream(
            server,
            stream_config(self._source, self._options),
            policy=self._options.policy,
            overflow=Overflow.DROP_OLDEST if self._source.is_live else Overflow.WAIT,
        ) as stream:
            if not self._options.fast:
                self._dashboard.schedule.clock = stream.clock
            with self._live(stream):
                stream.start_pump(self._source)
                async for result in stream:
                    self._take(result, stream)
        self._report.end()
        self._end(stream)
        return self._performance

    def _take(self, result: Result, stream: LiveStream) -> None:
        # In real time the audio given so far is what had been heard; a faster file runs ahead.
        told_sample = None if self._options.fast else stream.next_sample
        self._report.take(result, told_sample)
        self._dashboard.take(result)
        self._draw_on_the_beat()
        if self._options.snapshot_path is not None and _has_mood(result):
            self._snapshot_view = _frozen(self._dashboard)
        if self._options.output.as_json or self._is_drawn:
            return
        rate_hz = self._source.sample_rate_hz
        if isinstance(result, pb.WindowResult):
            self._print_line(window_text(result, rate_hz))
        elif isinstance(result, pb.StreamEvent):
            self._print_line(event_text(result, rate_hz))
        elif isinstance(result, pb.Beat) and self._options.output.with_beats and result.final:
            self._print_line(f"{clock_text(result.sample / rate_hz)}  beat")

    def _draw_on_the_beat(self) -> None:
        """Draw when the next beat is due, too: a frame is too coarse for a flash."""
        if self._timer is not None:
            self._timer.cancel()
        due_s = self._dashboard.schedule.due_s
        if self._redraw is not None and due_s is not None:
            self._timer = asyncio.get_running_loop().call_at(due_s, self._redraw)

    @contextmanager
    def _live(self, stream: LiveStream) -> Iterator[None]:
        if not self._is_drawn:
            yield
            return

        def frame() -> dashboard.Dashboard:
            self._dashboard.note = _STATE_NOTES.get(stream.state, "")
            return self._dashboard

        with Live(
            get_renderable=frame,
            console=self._console,
            refresh_per_second=_FRAMES_PER_SECOND,
            # The whole screen: a frame is written over the one before, and nothing is erased in
            # between, which would flicker.
            screen=True,
        ) as live:
            self._redraw = live.refresh
            try:
                yield
            finally:
                self._redraw = None
                self._draw_on_the_beat()

    def _end(self, stream: LiveStream) -> None:
        if self._options.snapshot_path is not None:
            save_snapshot(self._snapshot_view, self._options.snapshot_path)
        for sample in stream.restarted_at_samples:
            sys.stderr.write(
                "practice: the server lost the stream; the summary begins at "
                f"{clock_text(sample / self._source.sample_rate_hz)}\n"
            )
        if not self._options.output.as_json:
            self._console.print(summary_table(self._performance))

    def _print_line(self, line: str) -> None:
        # Whoever reads a pipe wants each line when it is said.
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def can_draw(console: Console) -> bool:
    """Tell whether the live view fits: a terminal of 80 by 24 at least, with Unicode."""
    return (
        console.is_terminal
        and not console.is_dumb_terminal
        and console.width >= dashboard.WIDTH
        and console.height >= dashboard.HEIGHT
        and console.encoding.lower().replace("-", "").startswith("utf")
    )


def _frozen(view: dashboard.Dashboard) -> dashboard.Dashboard:
    """Return the view as it is now: its clock stands, so the pendulum stays where it is."""
    frozen = copy.deepcopy(view)
    now_s = view.now_s()
    frozen.now_s = lambda: now_s
    return frozen


def _has_mood(result: Result) -> bool:
    """Tell whether this is a moment worth a picture."""
    return isinstance(result, pb.WindowResult) and result.HasField("mood")


@contextmanager
def _finishing_on_interrupt(source: AudioSource, tell: Callable[[], None]) -> Iterator[None]:
    """End the source at the first Ctrl-C, so that the summary still comes; cancel at the second."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    closing: list[asyncio.Task[None]] = []

    def on_interrupt() -> None:
        if closing and task is not None:
            task.cancel()
        else:
            tell()
            closing.append(loop.create_task(source.close()))

    installed = False
    # Windows has no handlers on the loop, and a thread other than the main one can't set any:
    # Ctrl-C is then what it always is there.
    with suppress(NotImplementedError, RuntimeError, ValueError):
        loop.add_signal_handler(signal.SIGINT, on_interrupt)
        installed = True
    try:
        yield
    finally:
        if installed:
            loop.remove_signal_handler(signal.SIGINT)


def _failure_text(error: Exception, server: Endpoint | str) -> str:
    text = " ".join(str(error).split())
    if not isinstance(error, PracticeError):
        return text
    address = server if isinstance(server, str) else server.address
    if error.code is ErrorCode.SERVER_UNREACHABLE:
        return f"no server answers at {address} (start one with `practice serve`): {text}"
    field_text = f" ({error.field})" if error.field else ""
    return f"{address} refused{field_text}: {text} [{error.code.value}]"
