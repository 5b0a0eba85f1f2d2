"""The pure part, by itself."""
