"""Streaming state: front end, tempo and beat inference, metrical level, events."""
