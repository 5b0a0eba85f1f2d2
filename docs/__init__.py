"""The documents, and what writes those of them that the code knows better."""
