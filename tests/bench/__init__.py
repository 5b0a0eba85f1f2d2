"""Figures beside the floor of the same machine, in one run."""
