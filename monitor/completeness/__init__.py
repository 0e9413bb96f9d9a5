"""The completeness report of a county: which reports are there, on time, late, missing or not to be verified."""
