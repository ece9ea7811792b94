"""Webhooks: what happens is told over HTTP, signed (Standard Webhooks 1.0), at least once, and every attempt can be looked at."""
