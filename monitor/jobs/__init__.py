"""Jobs: when portals are visited, which jobs wait, and who does them (docs/decisions/0021)."""
