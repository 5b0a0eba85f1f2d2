"""Tests of supervision: on real databases, with a pushed clock, through the real intake."""
