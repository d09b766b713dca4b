"""What the persistence services do per second, and how long a call takes."""
