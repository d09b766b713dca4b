"""Pure numba kernels: decode, resample, frame, transform, band energies, onset activation."""

from analysis_engine import kernel_cache

# Every kernel's module comes through here before it is defined.
kernel_cache.use()
