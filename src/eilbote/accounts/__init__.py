"""Organizations, the people and programs that work for them, what each may do, and the book of who did what."""
