"""Accounts over the API: people, their roles, organizations, keys, sessions, and the audit book."""
