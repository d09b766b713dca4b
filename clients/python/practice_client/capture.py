"""Capture devices behind one small Protocol: pyaudio first, sounddevice as the fallback."""

from __future__ import annotations

import contextlib
import importlib
import os
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    OnBlock = Callable[[bytes, bool], None]

MISSING_LIBRARY: Final = (
    "no library for the microphone is installed; `pip install 'practice-tracker[mic]'` brings "
    "pyaudio (needs the portaudio headers and a compiler on Linux) and sounddevice"
)
_MIN_SAMPLE_RATE_HZ: Final = 8_000
_MAX_SAMPLE_RATE_HZ: Final = 96_000


class CaptureError(Exception):
    """Sound can't be captured; the text is a sentence for a person."""


class Capture(Protocol):
    """An opened, not yet started capture device that gives mono 16-bit little-endian blocks."""

    sample_rate_hz: int
    device_name: str

    def start(self, on_block: OnBlock) -> None:
        """Call `on_block(data, overflowed)` on the device's thread for every block."""
        ...

    def close(self) -> None:
        """Stop and release the device."""
        ...


def open_capture(device: str | int | None, sample_rate_hz: int | None, block_s: float) -> Capture:
    """Find the device with the first library that is there.

    Raises
    ------
    CaptureError
        When there is no library, or the device can't be used.
    """
    with _native_libraries_quiet():
        if (pyaudio := _imported("pyaudio")) is not None:
            return PyAudioCapture(pyaudio, device, sample_rate_hz, block_s)
        if (sounddevice := _imported("sounddevice")) is not None:
            return SoundDeviceCapture(sounddevice, device, sample_rate_hz, block_s)
    raise CaptureError(MISSING_LIBRARY)


@contextlib.contextmanager
def _native_libraries_quiet() -> Iterator[None]:
    """Keep stderr free of what PortAudio's host APIs say about servers that are not there.

    JACK and ALSA write to the file descriptor itself while devices are looked for, and a person
    who asked for a microphone can do nothing with it. `PRACTICE_DEBUG=1` lets it through.
    """
    if os.environ.get("PRACTICE_DEBUG"):
        yield
        return
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(nowhere)
        os.close(kept)


def _imported(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except (ImportError, OSError):
        # OSError: the Python package is there, the PortAudio library is not.
        return None


def _usable_rate_hz(asked_hz: int | None, own_hz: float) -> int:
    rate_hz = asked_hz or round(own_hz)
    return min(max(rate_hz, _MIN_SAMPLE_RATE_HZ), _MAX_SAMPLE_RATE_HZ)


class PyAudioCapture:
    """Capture through pyaudio."""

    def __init__(
        self, pyaudio: Any, device: str | int | None, sample_rate_hz: int | None, block_s: float
    ) -> None:
        self._pyaudio = pyaudio
        self._audio = pyaudio.PyAudio()
        self._stream: Any = None
        try:
            info = self._find(device)
        except CaptureError:
            self._audio.terminate()
            raise
        self._index = int(info["index"])
        self.device_name = str(info["name"])
        self.sample_rate_hz = _usable_rate_hz(sample_rate_hz, float(info["defaultSampleRate"]))
        self._block_frames = max(1, round(block_s * self.sample_rate_hz))

    def start(self, on_block: OnBlock) -> None:
        """Open the device and start its callback."""
        go_on = (None, self._pyaudio.paContinue)

        def callback(data: bytes, _frames: int, _time: object, status: int) -> tuple[None, int]:
            on_block(data, bool(status & self._pyaudio.paInputOverflow))
            return go_on

        try:
            self._stream = self._audio.open(
                format=self._pyaudio.paInt16,
                channels=1,
                rate=self.sample_rate_hz,
                input=True,
                input_device_index=self._index,
                frames_per_buffer=self._block_frames,
                stream_callback=callback,
            )
        except (OSError, ValueError) as error:
            raise CaptureError(f"{self.device_name}: can't be captured: {error}") from error

    def close(self) -> None:
        """Stop and release the device."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None
        self._audio.terminate()

    def _find(self, device: str | int | None) -> dict[str, Any]:
        try:
            if device is None:
                info: dict[str, Any] = self._audio.get_default_input_device_info()
                return info
            count = self._audio.get_device_count()
            devices = [self._audio.get_device_info_by_index(index) for index in range(count)]
        except OSError as error:
            raise CaptureError(f"there is no microphone: {error}") from error
        return _choose(device, [info for info in devices if info["maxInputChannels"] > 0])


class SoundDeviceCapture:
    """Capture through sounddevice."""

    def __init__(
        self,
        sounddevice: Any,
        device: str | int | None,
        sample_rate_hz: int | None,
        block_s: float,
    ) -> None:
        self._sounddevice = sounddevice
        self._stream: Any = None
        info = self._find(device)
        self._index = int(info["index"])
        self.device_name = str(info["name"])
        self.sample_rate_hz = _usable_rate_hz(sample_rate_hz, float(info["default_samplerate"]))
        self._block_frames = max(1, round(block_s * self.sample_rate_hz))

    def start(self, on_block: OnBlock) -> None:
        """Open the device and start its callback."""

        def callback(data: Any, _frames: int, _time: object, status: Any) -> None:
            on_block(bytes(data), bool(status.input_overflow))

        try:
            self._stream = self._sounddevice.RawInputStream(
                samplerate=self.sample_rate_hz,
                blocksize=self._block_frames,
                device=self._index,
                channels=1,
                dtype="int16",
                callback=callback,
            )
            self._stream.start()
        except (self._sounddevice.PortAudioError, ValueError) as error:
            raise CaptureError(f"{self.device_name}: can't be captured: {error}") from error

    def close(self) -> None:
        """Stop and release the device."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _find(self, device: str | int | None) -> dict[str, Any]:
        try:
            if device is None:
                info: dict[str, Any] = self._sounddevice.query_devices(kind="input")
                return info
            devices = list(self._sounddevice.query_devices())
        except (self._sounddevice.PortAudioError, ValueError) as error:
            raise CaptureError(f"there is no microphone: {error}") from error
        return _choose(device, [info for info in devices if info["max_input_channels"] > 0])


def _choose(device: str | int, devices: list[dict[str, Any]]) -> dict[str, Any]:
    for info in devices:
        if str(device) == str(info["index"]) or str(device).lower() in str(info["name"]).lower():
            return info
    known = ", ".join(f"{info['index']}: {info['name']}" for info in devices) or "none"
    raise CaptureError(f"there is no input device {device!r} (there are: {known})")
