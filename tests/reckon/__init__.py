"""Adding up what went in and what came out."""
