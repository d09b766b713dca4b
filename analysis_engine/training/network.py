"""The network in JAX: from ticks to beat, downbeat, onset and kind of attack.

Two gated recurrent layers (K. Cho et al., EMNLP 2014; the variant that resets after the product)
over a rectified projection of the inputs. They remember from the first note of a stream on. Only
the second knows the target, and only beats and downbeats are told from it: a target can't move an
onset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import jax
import jax.numpy as jnp
import numpy as np

from analysis_engine.dsp.network import BEAT, DOWNBEAT, HINT_COUNT, ONSET
from analysis_engine.dsp.novelty import INPUT_COUNT
from analysis_engine.training.dataset import ATTACK_CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from analysis_engine.training.batches import Batch

Parameters = dict[str, Any]

PROJECTION: Final = 32
HIDDEN: Final = 48
#: Beat, downbeat, onset, then one logit for each attack class.
OUTPUT_COUNT: Final = 3 + len(ATTACK_CLASSES)
_UNROLL: Final = 4
#: Weight of each head's cross entropy.
_HEAD_WEIGHTS: Final = (1.0, 0.4, 0.5)
_CLASS_WEIGHT: Final = 0.05


def init_parameters(seed: int, hidden: int = HIDDEN) -> Parameters:
    """Return random weights: orthogonal recurrences, scaled normal elsewhere."""
    rng = np.random.default_rng(seed)

    def dense(rows: int, columns: int) -> Any:
        return jnp.asarray(rng.normal(0.0, rows**-0.5, (rows, columns)), jnp.float32)

    def recurrent(size: int) -> Any:
        blocks = [np.linalg.qr(rng.normal(size=(size, size)))[0] for _ in range(3)]
        return jnp.asarray(np.concatenate(blocks, axis=1), jnp.float32)

    return {
        "project": dense(INPUT_COUNT, PROJECTION),
        "project_bias": jnp.zeros(PROJECTION),
        "first_in": dense(PROJECTION, 3 * hidden),
        "first_hidden": recurrent(hidden),
        "first_bias": jnp.zeros(3 * hidden),
        "first_new_bias": jnp.zeros(hidden),
        "second_in": dense(hidden + HINT_COUNT, 3 * hidden),
        "second_hidden": recurrent(hidden),
        "second_bias": jnp.zeros(3 * hidden),
        "second_new_bias": jnp.zeros(hidden),
        "head": dense(PROJECTION + 2 * hidden, OUTPUT_COUNT) * 0.3,
        # Beats and onsets are rare: start near their frequency.
        "head_bias": jnp.asarray([-2.5, -3.5, -2.0] + [0.0] * len(ATTACK_CLASSES)),
    }


@jax.custom_vjp
def recur(drive: Any, weights: Any, new_bias: Any) -> Any:
    """Run a gated recurrent unit over time from rest; returns its states (ticks, clips, N).

    Its gradient is written out: JAX's own would add up the weights' gradient tick by tick, and
    takes three times as long.

    Parameters
    ----------
    drive
        (ticks, clips, 3N), the input's product with its bias: reset, update, new.
    weights
        (N, 3N).
    new_bias
        (N,), inside the reset's product.
    """
    return _recur_forward(drive, weights, new_bias)[0]


def _recur_forward(drive: Any, weights: Any, new_bias: Any) -> tuple[Any, Any]:
    size = weights.shape[0]

    def step(hidden: Any, now: Any) -> tuple[Any, Any]:
        back = hidden @ weights
        gates = jax.nn.sigmoid(now[:, : 2 * size] + back[:, : 2 * size])
        reset, update = gates[:, :size], gates[:, size:]
        back_new = back[:, 2 * size :] + new_bias
        new = jnp.tanh(now[:, 2 * size :] + reset * back_new)
        after = new + update * (hidden - new)
        return after, (hidden, gates, back_new, new, after)

    rest = jnp.zeros((drive.shape[1], size))
    _, kept = jax.lax.scan(step, rest, drive, unroll=_UNROLL)
    return kept[-1], (kept[:-1], weights)


def _recur_backward(kept: Any, slope: Any) -> tuple[Any, Any, Any]:
    (hidden, gates, back_new, new), weights = kept
    size = weights.shape[0]

    def step(after_slope: Any, now: Any) -> tuple[Any, Any]:
        slope_now, hidden_now, gates_now, back_now, new_now = now
        total = slope_now + after_slope
        reset, update = gates_now[:, :size], gates_now[:, size:]
        new_slope = total * (1.0 - update) * (1.0 - new_now**2)
        update_slope = total * (hidden_now - new_now) * update * (1.0 - update)
        reset_slope = new_slope * back_now * reset * (1.0 - reset)
        back_slope = jnp.concatenate([reset_slope, update_slope, new_slope * reset], axis=-1)
        return total * update + back_slope @ weights.T, (back_slope, new_slope)

    rest = jnp.zeros(slope.shape[1:])
    _, (back_slopes, new_slopes) = jax.lax.scan(
        step, rest, (slope, hidden, gates, back_new, new), reverse=True, unroll=_UNROLL
    )
    drive_slopes = jnp.concatenate([back_slopes[..., : 2 * size], new_slopes], axis=-1)
    weight_slopes = jnp.einsum("tbi,tbj->ij", hidden, back_slopes)
    return drive_slopes, weight_slopes, back_slopes[..., 2 * size :].sum(axis=(0, 1))


recur.defvjp(_recur_forward, _recur_backward)


def forward(parameters: Parameters, inputs: Any, hints: Any) -> Any:
    """Return logits (ticks, clips, OUTPUT_COUNT).

    Parameters
    ----------
    parameters
        As from `init_parameters`.
    inputs
        (ticks, clips, INPUT_COUNT).
    hints
        (ticks, clips, HINT_COUNT).
    """
    p = parameters
    projected = jax.nn.relu(inputs @ p["project"] + p["project_bias"])
    first = recur(
        projected @ p["first_in"] + p["first_bias"], p["first_hidden"], p["first_new_bias"]
    )
    informed = jnp.concatenate([first, hints], axis=-1)
    second = recur(
        informed @ p["second_in"] + p["second_bias"], p["second_hidden"], p["second_new_bias"]
    )
    joined = jnp.concatenate([projected, first, second], axis=-1)
    return joined @ masked_head(p) + p["head_bias"]


def masked_head(parameters: Parameters) -> Any:
    """Return the head's weights, 0 from the second layer to whatever is no beat or downbeat."""
    head = parameters["head"]
    size = parameters["second_hidden"].shape[0]
    from_second = jnp.arange(head.shape[0])[:, None] >= head.shape[0] - size
    independent = jnp.arange(head.shape[1])[None, :] >= ONSET
    return jnp.where(from_second & independent, 0.0, head)


def as_shipped(parameters: Parameters) -> dict[str, NDArray[np.float32]]:
    """Return the weights as NumPy arrays, what the head does not use set to 0."""
    shipped = {**parameters, "head": masked_head(parameters)}
    return {name: np.asarray(array, np.float32) for name, array in shipped.items()}


def cross_entropy(logits: Any, labels: Any) -> Any:
    """Binary cross entropy with soft labels, element by element."""
    return jnp.maximum(logits, 0.0) - logits * labels + jnp.log1p(jnp.exp(-jnp.abs(logits)))


def losses(parameters: Parameters, batch: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mean loss of each head."""
    logits = forward(parameters, batch["inputs"], batch["hints"])
    heads = cross_entropy(logits[..., :3], batch["labels"])
    known = batch["onset_weight"][None, :]
    classes = jax.nn.log_softmax(logits[..., 3:], axis=-1)
    attack = batch["attack_class"]
    has_class = (attack >= 0)[None, :] * batch["labels"][..., ONSET]
    known_class = jnp.broadcast_to(jnp.maximum(attack, 0)[None, :, None], (*classes.shape[:2], 1))
    picked = jnp.take_along_axis(classes, known_class, axis=-1)[..., 0]
    return {
        "beat": heads[..., BEAT].mean(),
        "downbeat": heads[..., DOWNBEAT].mean(),
        "onset": (heads[..., ONSET] * known).sum() / (known.sum() * heads.shape[0] + 1e-6),
        "attack": -(picked * has_class).sum() / (has_class.sum() + 1e-6),
    }


def loss(parameters: Parameters, batch: Mapping[str, Any]) -> Any:
    """Return the weighted sum of the heads' losses."""
    parts = losses(parameters, batch)
    total = _CLASS_WEIGHT * parts["attack"]
    for name, weight in zip(("beat", "downbeat", "onset"), _HEAD_WEIGHTS, strict=True):
        total = total + weight * parts[name]
    return total


def as_arrays(batch: Batch) -> dict[str, Any]:
    """Return a batch as the mapping that the losses take."""
    return {
        "inputs": batch.inputs,
        "hints": batch.hints,
        "labels": batch.labels,
        "onset_weight": batch.onset_weight,
        "attack_class": batch.attack_class,
    }


@jax.jit
def evaluate(parameters: Parameters, batch: Mapping[str, Any]) -> dict[str, Any]:
    """Return the losses of a batch, compiled."""
    return losses(parameters, batch)
