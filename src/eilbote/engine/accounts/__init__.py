"""What people and programs can do about accounts: sign in, invite, recover a password, make keys, and read the book of who did what."""
