"""Tests of the record: database, register, ingest, publication states, assessment."""
