"""Exercises of stores for notifications."""
