"""Exercises of stores for accounts."""
