"""The ladder's turns, on both databases."""
