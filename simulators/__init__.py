"""Devices and centres that pretend, written from the standards and not from our adapters."""
