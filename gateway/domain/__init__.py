"""What is true of alarms: pure, with no clock, no database and no network."""
