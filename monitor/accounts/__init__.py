"""Who may look and who may act: users, roles, the counties each may see, passwords, sessions, tokens."""
