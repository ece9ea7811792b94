"""Texts and what becomes of them: HTML as plain text."""
