"""Runs files through the engine, causally, and reports what it says."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from analysis_engine import kernel_cache
from analysis_engine.config import Encoding, ExpectedTempo, StreamConfig, Strictness
from analysis_engine.results import Beat, StreamEvent, StreamSummary, WindowResult
from analysis_engine.serving import codec
from practice.cli.lines import event_text
from practice.cli.performance import Performance
from practice.cli.report import Report, write_files
from practice.cli.tables import overview_table, summary_table
from practice.cli.words import clock_text
from practice.media import MediaError, open_audio, to_linear16

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from analysis_engine.results import Output
    from practice.cli.options import MusicOptions, OutputOptions
    from practice.media import AudioFile

# As a live stream is cut: the tracker takes at most 100 ms at a time.
SLICE_S: Final = 0.1
_PIPED_WIDTH: Final = 100
EXIT_DONE: Final = 0
EXIT_FAILED: Final = 1


class FileAnalysis:
    """One file through one tracker.

    Parameters
    ----------
    audio
        The open file.
    config
        LINEAR16, at the file's own rate and channels.

    Attributes
    ----------
    cpu_s
        Process time that the engine used so far; decoding the file is not in it.
    heard_s
        Audio that the engine has heard.
    """

    def __init__(self, audio: AudioFile, config: StreamConfig) -> None:
        from analysis_engine.tracking.tracker import Tracker  # noqa: PLC0415 - numba

        self._audio = audio
        self._tracker = Tracker(config)
        self.cpu_s = 0.0
        self.heard_s = 0.0

    def outputs(self) -> Iterator[Output]:
        """Yield what the engine says, in its order; the last is the summary."""
        rate_hz = self._audio.sample_rate_hz
        for block in self._audio.blocks(max(1, round(SLICE_S * rate_hz))):
            data = to_linear16(block)
            yield from self._timed(lambda data=data: self._tracker.process(data))  # type: ignore[misc]
            self.heard_s += block.shape[0] / rate_hz
        yield from self._timed(self._tracker.finish)

    def _timed(self, work: Callable[[], list[Output]]) -> list[Output]:
        begin_s = time.process_time()
        outputs = work()
        self.cpu_s += time.process_time() - begin_s
        return outputs


def analyze_files(files: Sequence[Path], music: MusicOptions, output: OutputOptions) -> int:
    """Analyse and report every file; a bad one is named on stderr and the others go on.

    Returns
    -------
    int
        Exit code: 1 when any file could not be read.
    """
    _get_kernels_ready()
    performances: list[Performance] = []
    code = EXIT_DONE
    with _progress_bar() as progress:
        for path in files:
            file_name = str(path) if len(files) > 1 else None
            try:
                performances.append(_analyze(path, file_name, music, output, progress))
            except MediaError as error:
                click.echo(f"practice: {error}", err=True)
                code = EXIT_FAILED
    if not output.as_json:
        _show(performances, output)
    if performances:
        write_files(performances, output)
    return code


def _get_kernels_ready() -> None:
    # Numba fixes its cache's place while it is imported, so this comes before the tracker.
    kernel_cache.use_data_dir(Path(click.get_app_dir("practice-tracker")))
    from analysis_engine.tracking.tracker import warm_up  # noqa: PLC0415

    warm_up()


def _analyze(
    path: Path,
    file_name: str | None,
    music: MusicOptions,
    output: OutputOptions,
    progress: Progress,
) -> Performance:
    with open_audio(path) as audio:
        analysis = FileAnalysis(audio, _config(audio, music))
        performance = Performance(path.name, audio.sample_rate_hz, music.target_bpm)
        report = Report(performance, output, _print_line, file_name=file_name)
        task = progress.add_task(path.name, total=audio.duration_s)
        try:
            for item in analysis.outputs():
                _report(item, report, analysis)
                progress.update(task, completed=analysis.heard_s)
        finally:
            progress.remove_task(task)
    return performance


def _config(audio: AudioFile, music: MusicOptions) -> StreamConfig:
    return StreamConfig(
        encoding=Encoding.LINEAR16,
        sample_rate_hz=audio.sample_rate_hz,
        channel_count=audio.channel_count,
        target_bpm=music.target_bpm,
        beats_per_bar=music.beats_per_bar,
        strictness=Strictness(music.strictness),
        tempo_prior=tuple(ExpectedTempo(bpm, weight) for bpm, weight in music.tempo_prior),
    )


def _report(item: Output, report: Report, analysis: FileAnalysis) -> None:
    match item:
        case WindowResult():
            report.take(codec.window_to_pb(item))
        case Beat():
            report.take(codec.beat_to_pb(item), item.told_sample)
        case StreamEvent():
            report.take(codec.event_to_pb(item))
        case StreamSummary():
            report.take(codec.summary_to_pb(item), cpu_seconds=round(analysis.cpu_s, 6))


def _show(performances: Sequence[Performance], output: OutputOptions) -> None:
    console = Console()
    if not console.is_terminal:
        console.width = _PIPED_WIDTH
    if len(performances) > 1:
        for performance in performances if output.with_beats else ():
            console.print(performance.title, style="bold")
            _show_beats(console, performance)
        console.print(overview_table(performances))
        return
    for performance in performances:
        if output.with_beats:
            _show_beats(console, performance)
        for event in performance.events:
            text = event_text(event, performance.sample_rate_hz)
            console.print(text, style="dim", highlight=False, soft_wrap=True)
        console.print(summary_table(performance))


def _show_beats(console: Console, performance: Performance) -> None:
    for beat in performance.beats:
        offset = "" if beat.offset_ms is None else f"  {beat.offset_ms:+.0f} ms"
        place = f"  beat {beat.beat_in_bar}" if beat.beat_in_bar else ""
        console.print(f"{clock_text(beat.seconds)}{place}{offset}", highlight=False)


def _print_line(line: str) -> None:
    sys.stdout.write(line + "\n")


@contextmanager
def _progress_bar() -> Iterator[Progress]:
    """Show progress on stderr, where it does not mix with the results; only on a terminal."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        yield progress
