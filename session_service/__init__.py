"""Everything that must not be lost.

Accounts, the library of pieces, practice sessions and their sync, progress, videos, the studio,
the forum, points, partners and reminders will live here, each in its own folder with a model, a
repository, a service and a servicer; ``db``, ``blobs``, ``jobs`` and ``events`` carry them.
"""
