"""Putting away and throwing away, in slices."""
