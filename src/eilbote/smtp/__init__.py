"""SMTP as a client speaks it (RFC 5321), without I/O: replies in, octets out."""
