"""HTTP as it is asked: from the bytes to a server that is asked again and again."""
