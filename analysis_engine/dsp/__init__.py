"""Pure numba kernels: decode, resample, frame, transform, band energies, onset activation."""
