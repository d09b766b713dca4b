"""Fit the network: AdamW over random excerpts, its rate rising briefly and falling as a cosine.

I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR 2019.
"""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import jax
import numpy as np
import optax
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from analysis_engine.training import network
from analysis_engine.training.batches import BatchMaker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from analysis_engine.training.batches import Batch
    from analysis_engine.training.dataset import TrainingClip
    from analysis_engine.training.network import Parameters

# About the usual length: one unusual batch must not undo how the network follows a target.
_LONGEST_GRADIENT: Final = 0.15
_WEIGHT_DECAY: Final = 1e-3
_FIRST_RATE: Final = 1e-4
_LAST_RATE: Final = 1e-5
_BATCHES_AHEAD: Final = 4
_END: Final = None


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the fit; the learning rate rises and falls once in each.

    Parameters
    ----------
    step_count
        Optimiser steps, at least 1.
    tick_count
        Length of an excerpt in ticks of 20 ms.
    peak_rate
        Highest learning rate.
    from_start_share
        Share of excerpts that begin where the player begins, rather than in the middle.
    """

    step_count: int
    tick_count: int
    peak_rate: float
    from_start_share: float


@dataclass(frozen=True, slots=True)
class FitConfig:
    """How long and with what to fit.

    Parameters
    ----------
    phases
        One after the other, from short excerpts to longer ones (Y. Bengio et al., "Curriculum
        learning", ICML 2009), slower the longer they are: steep steps over long excerpts blew up,
        and a third phase of still longer ones learned the generated clips by heart. The last
        two phases' weights are averaged (P. Izmailov et al., "Averaging weights leads to wider
        optima and better generalization", UAI 2018).
    clips_per_batch
        A multiple of the number of devices.
    seed
        Source of chance for weights and excerpts.
    hidden
        Size of a recurrent layer.
    """

    phases: tuple[Phase, ...] = (
        Phase(5_000, 500, 2e-3, 0.6),
        Phase(1_500, 1_000, 8e-4, 0.7),
    )
    clips_per_batch: int = 64
    seed: int = 1
    hidden: int = network.HIDDEN

    @property
    def step_count(self) -> int:
        """Optimiser steps of all phases."""
        return sum(phase.step_count for phase in self.phases)


class _Placer:
    """Puts a batch's clips on the devices side by side; weights are on all of them."""

    def __init__(self) -> None:
        mesh = Mesh(np.array(jax.devices()), ("clips",))
        self._by_tick = NamedSharding(mesh, PartitionSpec(None, "clips", None))
        self._by_clip = NamedSharding(mesh, PartitionSpec("clips"))
        self._everywhere = NamedSharding(mesh, PartitionSpec())

    def batch(self, batch: Batch) -> dict[str, Any]:
        return {
            name: jax.device_put(array, self._by_tick if array.ndim == 3 else self._by_clip)
            for name, array in network.as_arrays(batch).items()
        }

    def everywhere(self, tree: Any) -> Any:
        return jax.device_put(tree, self._everywhere)


def fit(
    clips: Sequence[TrainingClip],
    config: FitConfig,
    progress: Callable[[int, float], None] | None = None,
) -> tuple[Parameters, list[float]]:
    """Fit a network from random weights.

    Parameters
    ----------
    clips
        What to learn from.
    config
        How long and with what.
    progress
        Called with the number of steps done and the loss of the last.

    Returns
    -------
    Parameters, list of float
        Weights as NumPy arrays, and the loss at every step.
    """
    place = _Placer()
    parameters = place.everywhere(network.init_parameters(config.seed, config.hidden))
    losses: list[float] = []
    before = parameters
    for number, phase in enumerate(config.phases):
        before = parameters
        maker = BatchMaker(
            clips,
            phase.tick_count,
            config.seed + number,
            from_start_share=phase.from_start_share,
        )
        optimiser = _optimiser(phase)
        take_step = _step_of(optimiser)
        state = place.everywhere(optimiser.init(parameters))
        for batch in _batches(maker, phase.step_count, config.clips_per_batch):
            parameters, state, loss = take_step(parameters, state, place.batch(batch))
            losses.append(float(loss))
            if progress is not None:
                progress(len(losses), losses[-1])
    if len(config.phases) > 1:
        parameters = jax.tree.map(lambda a, b: 0.5 * (a + b), before, parameters)
    return network.as_shipped(parameters), losses


def _optimiser(phase: Phase) -> Any:
    schedule = optax.warmup_cosine_decay_schedule(
        _FIRST_RATE,
        phase.peak_rate,
        min(200, max(1, phase.step_count // 10)),
        phase.step_count,
        _LAST_RATE,
    )
    return optax.chain(
        optax.clip_by_global_norm(_LONGEST_GRADIENT),
        optax.adamw(schedule, weight_decay=_WEIGHT_DECAY),
    )


def _step_of(optimiser: Any) -> Any:
    """Return the compiled function (weights, optimiser's state, batch) -> the same and the loss."""

    @jax.jit
    def take_step(parameters: Any, state: Any, batch: Any) -> tuple[Any, Any, Any]:
        loss, slopes = jax.value_and_grad(network.loss)(parameters, batch)
        updates, state = optimiser.update(slopes, state, parameters)
        return optax.apply_updates(parameters, updates), state, loss

    return take_step


def _batches(maker: BatchMaker, batch_count: int, clip_count: int) -> Iterator[Batch]:
    """Yield the batches, made in a thread beside the fit (its kernels let go of the lock)."""
    ready: queue.Queue[Batch | BaseException | None] = queue.Queue(_BATCHES_AHEAD)

    def work() -> None:
        try:
            for _ in range(batch_count):
                ready.put(maker.draw(clip_count))
            ready.put(_END)
        except BaseException as error:  # noqa: BLE001  (raised again where the batches are used)
            ready.put(error)

    threading.Thread(target=work, name="batches", daemon=True).start()
    while (batch := ready.get()) is not _END:
        if isinstance(batch, BaseException):
            raise batch
        yield batch
