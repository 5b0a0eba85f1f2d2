"""The gateway's own code in a pretended world: one thread, one dice, a time of its own."""
