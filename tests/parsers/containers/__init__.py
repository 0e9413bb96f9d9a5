"""Reports of our own in every container, each with the value and state of every cell (``*.cells.json``)."""
