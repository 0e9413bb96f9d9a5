"""Tests of what staff decide on findings."""
