"""What is shipped in deploy/ is well formed, and says what the code says."""
