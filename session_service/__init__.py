"""Everything that must not be lost.

Each domain has its own folder with a model, a repository, services and a servicer: ``accounts``,
``studio`` (teachers and their students), ``library`` (pieces, their segments, and tags), and
``repeats`` (answers to repeated requests). ``db`` carries them, ``policy`` says who may do what,
``app`` puts them together. Practice sessions and their sync, progress, videos, the forum, points,
partners and reminders will live here, too.
"""
