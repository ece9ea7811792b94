"""Texts and what becomes of them: templates with values put in, HTML as plain text."""
