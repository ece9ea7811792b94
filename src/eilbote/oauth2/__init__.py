"""Access tokens: how they are asked for, kept, renewed one at a time, and when a person has to consent again."""
