"""SMTP in: any program that sends mail hands it to eilbote as its server, and gains the outbox with all that belongs to it."""
