"""Tests of the emergency way: a cry goes out although nothing can be stored."""
