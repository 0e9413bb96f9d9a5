"""Made-up counties of an overview."""

from monitor.access.counties import CountyLine, Ground
from monitor.figures import Figures


def county_line(code: str) -> CountyLine:
    """A county of ten organs."""
    figures = Figures(10, 7, 1, 1, 1, 0, 2, 3, 10)
    return CountyLine(code, f"县{code}", f"市{code[:4]}", f"省{code[:2]}", figures, Ground(2, 1), None, None, 1, 0)
