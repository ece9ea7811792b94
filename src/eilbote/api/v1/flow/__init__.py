"""Flows over the API: definitions, templates, trials and runs."""
