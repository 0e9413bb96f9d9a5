"""Portals of every family of software on this machine, quirks included: one module for each family."""
