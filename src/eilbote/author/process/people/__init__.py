"""What people are told of tasks, and what they answer."""
