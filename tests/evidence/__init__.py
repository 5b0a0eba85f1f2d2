"""Stills with an alarm, from real cameras' HTTP to real databases."""
