"""Definitions that come with the software: from real addresses and their patterns, compared with no live site yet.

They are examples and a beginning. To use one, copy its file into the folder of definitions and check it.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
"""Where they are."""
