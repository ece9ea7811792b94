"""The stage that carries composed messages to a server and brings back what it decided."""
