"""Cameras that speak ONVIF."""
