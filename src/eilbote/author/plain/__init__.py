"""Plain data as authors write it and as it is kept: read with the place of everything in it, kept to the last digit."""
