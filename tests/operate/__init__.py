"""Tests of operate: steps of people and of the centre."""
