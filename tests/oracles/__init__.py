"""Slow and obvious: what each fast kernel must agree with."""
