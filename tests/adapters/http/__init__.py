"""ONVIF cameras: from the bytes to the signals."""
