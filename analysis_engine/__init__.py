"""Bytes in, musical results out: causal beat tracking that knows nothing of users or databases."""
