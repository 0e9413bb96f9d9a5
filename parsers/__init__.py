"""Bytes in, :class:`~parsers.schema.Report` out: no network, no database, no clock, no settings."""
