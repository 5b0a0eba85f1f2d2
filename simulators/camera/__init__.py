"""A camera that speaks ONVIF, and breaks as cameras do."""
