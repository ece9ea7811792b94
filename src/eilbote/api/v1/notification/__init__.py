"""Notifications over the API: events, who subscribes to them, and webhooks."""
