"""Reading list pages: bytes of a column's page in, its rows out. One module for each family of portal software."""
