"""What adapters make of bytes, and of real peers."""
