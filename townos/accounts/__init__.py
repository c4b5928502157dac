"""Who may sign in, and who is signed in: accounts, passwords, sessions and the brake on guessing."""
