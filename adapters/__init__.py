"""Speech with the outside: knows no alarm, no database, no school."""
