"""What may be taken away after a time, by rules in the settings; without any, nothing (docs/operations.md)."""
