"""The outbox: what an entry is, how its state changes, when it is tried again. Pure; the store keeps it."""
