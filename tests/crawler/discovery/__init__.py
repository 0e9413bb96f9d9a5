"""Discovery: from a site's address to a definition."""
