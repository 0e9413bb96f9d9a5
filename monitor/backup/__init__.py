"""Backups of all that cannot be made anew, in a folder, and back into an empty place (docs/operations.md)."""
