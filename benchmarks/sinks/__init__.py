"""Receivers that throw mail away, and the link that makes them seem far away."""
