"""Connections over the API: what there is, tests, consents and the services that are known."""
