"""What staff decide on findings: rules switched off or weighed otherwise in a place, single findings dismissed."""
