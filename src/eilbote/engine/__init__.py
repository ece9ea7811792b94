"""Where the stages are joined: the direct send, and the staged test of a connection."""
