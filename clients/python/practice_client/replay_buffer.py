"""What was sent but is not yet safe on the server, so that a broken stream can go on.

Audio and controls stand in one journal, in the order in which they were given, at their place on
the sample clock. The journal is bounded in seconds of audio and trimmed by acknowledgements.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from practice.analysis.v1 import analysis_pb2 as pb


class Overflow(Enum):
    """What happens when the replay buffer is full."""

    WAIT = "wait"  # the sender waits: right for files
    DROP_OLDEST = "drop_oldest"  # the oldest audio becomes a gap: right for microphones


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was given to the stream: audio, or a control at a place between samples."""

    sequence: int
    first_sample: int
    end_sample: int
    data: bytes = b""
    control: pb.Control | None = None


class ReplayBuffer:
    """Journal of audio and controls with a bound in samples.

    Parameters
    ----------
    capacity_samples
        Most audio that is kept, in samples (frames).
    bytes_per_frame
        Bytes of one sample over all channels.
    target_bpm
        Target at sample 0, or None.
    """

    def __init__(
        self, capacity_samples: int, bytes_per_frame: int, target_bpm: float | None = None
    ) -> None:
        if capacity_samples < 1:
            raise ValueError(f"capacity_samples={capacity_samples} is below 1")
        self._capacity_samples = capacity_samples
        self._bytes_per_frame = bytes_per_frame
        self._entries: deque[Entry] = deque()
        self._held_samples = 0
        self._next_sequence = 0
        self._start_target_bpm = target_bpm
        self.end_sample = 0
        self.dropped_samples = 0

    @property
    def start_sample(self) -> int:
        """First sample that is still held; the end when nothing is."""
        for entry in self._entries:
            if entry.control is None:
                return entry.first_sample
        return self.end_sample

    @property
    def start_target_bpm(self) -> float | None:
        """The target in force at the first entry."""
        return self._start_target_bpm

    def has_room(self, sample_count: int) -> bool:
        """Tell whether more audio fits; a piece larger than the whole bound fits when empty."""
        if self._held_samples == 0:
            return True
        return self._held_samples + sample_count <= self._capacity_samples

    def append(self, data: bytes) -> None:
        """Add whole frames; the oldest audio is dropped when there is no room."""
        sample_count = len(data) // self._bytes_per_frame
        while not self.has_room(sample_count):
            self.dropped_samples += self._drop_first()
        self._add(self.end_sample, self.end_sample + sample_count, data, None)
        self.end_sample += sample_count
        self._held_samples += sample_count

    def skip(self, sample_count: int) -> None:
        """Move the clock over samples that were never captured."""
        self.end_sample += sample_count

    def start_at(self, sample: int) -> None:
        """Set the clock of an empty buffer: the stream goes on from an earlier program's."""
        if self._entries or self.end_sample:
            raise ValueError("the clock can only be set before anything was sent")
        self.end_sample = sample

    def append_control(self, control: pb.Control) -> None:
        """Add a control here; an older one of the same kind at the same place is superseded.

        Replaying the newest of each kind, in order, leaves the server in the same state.
        """
        kind = control.WhichOneof("action")
        for index in range(len(self._entries) - 1, -1, -1):
            entry = self._entries[index]
            if entry.data or entry.first_sample != self.end_sample:
                break
            if entry.control is not None and entry.control.WhichOneof("action") == kind:
                self._entries[index] = _emptied(entry)
        self._add(self.end_sample, self.end_sample, b"", control)

    def trim(self, through_sample: int) -> None:
        """Forget everything before `through_sample`."""
        while self._entries and self._is_before(self._entries[0], through_sample):
            self._drop_first()

    def entry_at(self, sequence: int) -> Entry | None:
        """Return the entry of that number, or the first one held after it; None at the end."""
        if not self._entries:
            return None
        offset = max(0, sequence - self._entries[0].sequence)
        return self._entries[offset] if offset < len(self._entries) else None

    def sequence_at(self, sample: int) -> int:
        """Return the number of the first entry that the server at `sample` may not have."""
        for entry in self._entries:
            if not self._is_before(entry, sample):
                return entry.sequence
        return self._next_sequence

    def remaining(self, entry: Entry, from_sample: int) -> Entry:
        """Return the entry without the audio before `from_sample`."""
        skip_samples = max(0, from_sample - entry.first_sample)
        if entry.control is not None or not skip_samples:
            return entry
        return Entry(
            sequence=entry.sequence,
            first_sample=entry.first_sample + skip_samples,
            end_sample=entry.end_sample,
            data=entry.data[skip_samples * self._bytes_per_frame :],
        )

    def _add(self, first: int, end: int, data: bytes, control: pb.Control | None) -> None:
        self._entries.append(Entry(self._next_sequence, first, end, data, control))
        self._next_sequence += 1

    def _drop_first(self) -> int:
        entry = self._entries.popleft()
        if entry.control is not None and entry.control.WhichOneof("action") == "set_target_bpm":
            self._start_target_bpm = entry.control.set_target_bpm or None
        dropped_samples = entry.end_sample - entry.first_sample
        self._held_samples -= dropped_samples
        return dropped_samples

    @staticmethod
    def _is_before(entry: Entry, sample: int) -> bool:
        """Whether the server at `sample` surely has it; a control exactly there is not sure."""
        if entry.control is not None:
            return entry.first_sample < sample
        return entry.end_sample <= sample


def _emptied(entry: Entry) -> Entry:
    return Entry(entry.sequence, entry.first_sample, entry.end_sample)
