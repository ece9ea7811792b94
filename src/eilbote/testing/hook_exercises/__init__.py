"""Exercises of stores for webhooks and for suppressed addresses."""
