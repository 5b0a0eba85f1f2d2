"""What `dabyl check` looks at, a file for each thing, each answering with findings."""
