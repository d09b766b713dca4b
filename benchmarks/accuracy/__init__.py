"""How accurate the engine is on a corpus, beside other trackers."""
