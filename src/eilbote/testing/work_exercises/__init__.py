"""Exercises about what is drafted, run and held under a lease, whether it is a flow or a process."""
