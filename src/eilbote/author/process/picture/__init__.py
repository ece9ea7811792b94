"""Processes and their instances as pictures."""
