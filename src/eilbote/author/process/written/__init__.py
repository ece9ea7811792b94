"""What an author hands in: a diagram and the settings beside it, in one text."""
