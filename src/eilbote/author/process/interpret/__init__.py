"""Tokens on their way through a process: pure, with the time handed in."""
