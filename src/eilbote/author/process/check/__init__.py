"""What keeps a process from being published, each fault with its element."""
