"""Migrations of the database, from the first table on; run by :meth:`monitor.store.database.Database.migrate`."""
