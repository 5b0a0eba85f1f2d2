"""Site files: read, compared, applied."""
