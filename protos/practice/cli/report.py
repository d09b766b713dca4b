"""Takes results as they come: prints JSON lines and gathers what tables and files need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from practice.analysis.v1 import analysis_pb2 as pb
from practice.cli.csv_file import save_csv
from practice.cli.lines import beat_line, event_line, summary_line, window_line
from practice.cli.output_paths import numbered_path
from practice.cli.performance import BeatLog, BeatRow, Performance
from practice.json_format import to_json_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from practice.cli.lines import Line
    from practice.cli.options import OutputOptions

Result = pb.WindowResult | pb.Beat | pb.StreamEvent | pb.StreamSummary


class Report:
    """One performance's results, in the order in which they were said.

    Parameters
    ----------
    performance
        Where they are gathered.
    options
        What is to be printed.
    print_line
        Takes one line of text.
    file_name
        Added to every JSON line as ``"file"`` when given.
    with_events
        Whether events are JSON lines, too.
    """

    def __init__(
        self,
        performance: Performance,
        options: OutputOptions,
        print_line: Callable[[str], None],
        *,
        file_name: str | None = None,
        with_events: bool = False,
    ) -> None:
        self.performance = performance
        self._options = options
        self._print_line = print_line
        self._file_name = file_name
        self._with_events = with_events
        self._beat_log = BeatLog(performance.sample_rate_hz)

    def take(self, result: Result, told_sample: int | None = None, **extra: float) -> None:
        """Take one result.

        Parameters
        ----------
        result
            What was said.
        told_sample
            How much audio had been heard when a beat's record was made, where known.
        extra
            Numbers that join the summary.
        """
        rate_hz = self.performance.sample_rate_hz
        match result:
            case pb.WindowResult():
                self.performance.windows.append(result)
                self._print(window_line(result, rate_hz))
            case pb.Beat():
                self._take_row(self._beat_log.take(result, told_sample))
            case pb.StreamEvent():
                self.performance.events.append(result)
                if self._with_events:
                    self._print(event_line(result, rate_hz))
            case pb.StreamSummary():
                self.end()
                self.performance.summary = result
                self._print(summary_line(result, **extra))

    def end(self) -> None:
        """Tell the beats whose final record never came."""
        for row in self._beat_log.rest():
            self._take_row(row)

    def _take_row(self, row: BeatRow | None) -> None:
        if row is None:
            return
        self.performance.beats.append(row)
        if self._options.with_beats:
            self._print(beat_line(row))

    def _print(self, line: Line) -> None:
        if not self._options.as_json:
            return
        if self._file_name is not None:
            line = {"file": self._file_name, **line}
        self._print_line(to_json_line(line))


def write_files(performances: Sequence[Performance], options: OutputOptions) -> None:
    """Write the plots and the CSV file that were asked for.

    Raises
    ------
    OSError
        When a file can't be written.
    """
    if options.csv_path is not None:
        save_csv(performances, options.csv_path)
    if options.plot_path is None:
        return
    from practice.cli.plot import save_plot  # noqa: PLC0415 - matplotlib is slow to import

    for number, performance in enumerate(performances, 1):
        path = options.plot_path
        if len(performances) > 1:
            path = numbered_path(path, number, performance.title)
        save_plot(performance, path)
