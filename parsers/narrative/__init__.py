"""The numbers that the prose of a report states (applications, items, documents), as facts with their words."""

from parsers.narrative.reader import CLOSED, OPEN, SCATTERED, read_narrative
from parsers.narrative.subsections import Subsection, Topic, subsections

__all__ = ["CLOSED", "OPEN", "SCATTERED", "Subsection", "Topic", "read_narrative", "subsections"]
