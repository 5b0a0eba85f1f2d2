"""Receivers that speak SIA DC-09."""
