"""Pages from the templates of a package: whatever is put into them is escaped."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined


@cache
def pages_of(package: str) -> Environment:
    """The templates in the folder ``pages`` of a package; a name that a template was not given is an error."""
    return Environment(
        loader=PackageLoader(package, "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
