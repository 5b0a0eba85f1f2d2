"""What Dabyl promises, proven."""
