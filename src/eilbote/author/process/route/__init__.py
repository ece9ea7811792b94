"""Outgoing communication routes: message attributes, message properties, and the messages made of them."""
