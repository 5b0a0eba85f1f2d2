"""What devices say, one folder per protocol."""
