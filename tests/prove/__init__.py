"""The promise as figures: each proof breaks something for long enough, and counts."""
