"""What an administrator may set: the environment and ``eilbote.toml``, read once into a frozen :class:`Config`."""
