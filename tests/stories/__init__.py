"""Whole journeys, from the press to the centre."""
