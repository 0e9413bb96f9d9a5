"""Reports that stand inside another document: a member of an archive, the attachment of a page, its pictures."""

from __future__ import annotations

from dataclasses import replace

from parsers.schema import Lint, Place, Report
from parsers.titles import TitleKind, read_title

PICTURES = "pictures"
"""What places in pictures name as their file; the page of the place says which picture it is."""


def placed_in(report: Report, file: str) -> Report:
    """The report with the file named in every place."""

    def at(place: Place | None) -> Place | None:
        return place._replace(file=f"{file}/{place.file}" if place.file else file) if place else None

    return replace(
        report,
        sections={number: replace(section, at=at(section.at)) for number, section in report.sections.items()},
        cells={key: cell._replace(at=at(cell.at)) for key, cell in report.cells.items()},
        lints=tuple(replace(lint, at=at(lint.at)) for lint in report.lints),
    )


def under(page: Report, inner: Report, file: str) -> Report:
    """The report of an attachment with what its page tells: title, date of publication, metadata.

    The page's title is taken where it is a report's and does not contradict the attachment's own; otherwise a lint
    says that they differ, and what the report itself says stands. Every place names the file.
    """
    title, organ, year, year_from = inner.title, inner.organ, inner.report_year, inner.report_year_from
    lints = list(inner.lints)
    outer = read_title(page.title) if page.title else None
    if outer is not None and outer.kind is TitleKind.REPORT:
        if (year and outer.year and year != outer.year) or (
            organ and outer.organ and not _same_organ(organ, outer.organ)
        ):
            lints.append(Lint("title-differs-from-page", f"网页标题“{page.title}”与附件标题“{inner.title}”不一致"))
        else:
            if not (organ and inner.title):
                title, organ = page.title, outer.organ or organ
            if year is None and outer.year:
                year, year_from = outer.year, "title"
    placed = placed_in(replace(inner, lints=tuple(lints)), file)
    return replace(
        placed,
        title=title or page.title,
        organ=organ,
        report_year=year,
        report_year_from=year_from,
        published_on=page.published_on or inner.published_on,
        published_from=page.published_from if page.published_on else inner.published_from,
        metadata={**inner.metadata, **page.metadata, "附件": file},
    )


def _same_organ(one: str, other: str) -> bool:
    """Whether one name may be the other, longer or shorter: 清溪镇, 清溪镇人民政府, 某县清溪镇."""
    return one.removesuffix("人民政府") in other or other.removesuffix("人民政府") in one
