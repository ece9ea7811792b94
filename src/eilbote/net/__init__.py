"""The only sockets of eilbote, the only TLS contexts, and the one gate for addresses it may connect to."""
