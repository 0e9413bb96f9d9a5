"""Tests of alerts and their delivery."""
