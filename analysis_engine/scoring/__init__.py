"""What the numbers mean: pure functions from onsets to accuracy, steadiness and mood."""
