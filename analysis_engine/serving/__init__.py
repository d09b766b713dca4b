"""The engine behind gRPC: one live stream per session, and clips in one call."""
