"""Real servers, started and stopped for a test."""
