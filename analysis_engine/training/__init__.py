"""How training and evaluation material is made: scores, students who play them, sounds and rooms.

Everything here is NumPy and SciPy, seeded and deterministic; nothing of it runs in a live stream.
"""
