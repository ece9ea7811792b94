"""What works processes: instances are taken, worked a few steps, and kept; what they want done is done once."""
