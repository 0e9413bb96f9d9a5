"""Where the real documents lie that some tests read: ``shared/`` beside the project, where it exists."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[1].parent / "shared"

needs_shared = pytest.mark.skipif(
    not (SHARED / "seeds").is_dir() or not (SHARED / "real").is_dir(),
    reason="the real documents are not here: no folder shared/ with seeds/ and real/ beside the project",
)
