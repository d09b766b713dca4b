"""What every server and client shares: errors, interceptors, health, drain, metadata names.

This package itself imports only the errors, so that a program that never opens a connection
never loads grpc.
"""

from practice.rpc.errors import ErrorCode, FieldViolation, PracticeError

__all__ = ["ErrorCode", "FieldViolation", "PracticeError"]
