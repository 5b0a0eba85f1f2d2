"""Two of everything, brought up, broken and counted: `python -m tests.t2`."""
