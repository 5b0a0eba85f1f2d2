"""Tests of intake: nothing is answered before it is stored."""
