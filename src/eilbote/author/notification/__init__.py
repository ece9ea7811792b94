"""Notifications: what has happened, who wants to hear of it, when, and in which words. Pure."""
