"""Tests of the register: organs, due dates, matching."""
