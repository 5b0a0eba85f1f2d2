"""Tests of forward: what is owed is sent, whatever the receiver does."""
