"""Processes over the API: diagrams, instances, tasks and communication routes."""
