"""Texts of reports beside those of other organs (雷同, domain.md 4.9 P-06): masked, signed, compared, shown."""
