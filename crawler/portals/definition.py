"""Portal definitions: one YAML file says where a portal's annual-report columns are. Format: docs/portals.md."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from crawler.addresses import allowed, normalise
from crawler.families import NAMES as FAMILIES
from parsers.schema import OrganKind


class PortalError(ValueError):
    """A portal definition cannot be used. One readable line per error, each with file, field and remedy."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = tuple(errors)


def _code(value: Any) -> Any:
    """A code written without quotes arrives from YAML as a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


_Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$")]
_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_Code = Annotated[str, BeforeValidator(_code), StringConstraints(pattern=r"^[0-9A-Z]{6,18}$")]
_CountyCode = Annotated[str, BeforeValidator(_code), StringConstraints(pattern=r"^\d{6}$")]
COVERS_NOBODY = "none"
"""In ``covers``: the column's reports are collected, and no organ is told to be missing because of it."""


def _kind_or_code(value: str) -> str:
    """A kind that is misspelt would cover nobody, without a word."""
    if value.islower() and value not in (known := (*OrganKind, COVERS_NOBODY)):
        raise ValueError(f"must be one of {', '.join(known)} or the code of an organ, not {value!r}")
    return value


_Covered = Annotated[
    str,
    BeforeValidator(_code),
    StringConstraints(pattern=r"^(?:[a-z][a-z_]{1,40}|[0-9A-Z]{6,18})$"),
    AfterValidator(_kind_or_code),
]


def _reason(value: Any) -> Any:
    """A browser costs a hundred times what a plain fetch does, so nobody switches it on without saying why."""
    if not isinstance(value, str) or not 4 <= len(value.strip()) <= 300:
        raise ValueError(f"say in a few words why a browser is needed, instead of {value!r}")
    return value.strip()


_Reason = Annotated[str, BeforeValidator(_reason)]
_Year = Annotated[int, Field(ge=2008, le=2099, strict=True)]


def _day(value: Any) -> Any:
    """A date as YAML or a text gives it; a moment or a number is none."""
    if type(value) is date or isinstance(value, str):
        return value
    raise ValueError("not a day: write it as 2026-01-31")


_Day = Annotated[date, BeforeValidator(_day)]
_Parameter = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w{0,40}$")]
_YEAR_PLACE = "{year}"
_YEAR_MARK = "0year0"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnDefinition(_Strict):
    """One column (栏目) of a portal where reports appear.

    ``organ`` is the code of the organ the column belongs to, where it belongs to one. ``covers`` names the
    organ kinds or codes whose reports appear here; empty: every organ of the county; ``none``: nobody is known
    to publish here, reports are collected all the same. ``years`` are the report
    years the column holds; empty: all. ``parameters`` are what the family's reader needs beside the page.

    An ``address`` with ``{year}`` in it stands for one page for each report year: software that has no list.
    ``first_year`` is the oldest of them.

    ``render`` says why a browser must build the list pages, ``render_reports`` why it must build the report pages;
    both are the portal's where the column says nothing.
    """

    id: _Identifier
    name: _Name
    address: str
    organ: _Code | None = None
    covers: tuple[_Covered, ...] = ()
    years: tuple[_Year, ...] = ()
    first_year: _Year | None = None
    parameters: dict[_Parameter, str] = {}
    render: _Reason | None = None
    render_reports: _Reason | None = None

    @property
    def by_year(self) -> bool:
        """Whether the address stands for one page for each report year."""
        return _YEAR_PLACE in self.address

    def addresses(self, report_years: Iterable[int]) -> tuple[str, ...]:
        """The addresses that the reading of the column begins with; ``report_years`` that may be published now."""
        if not self.by_year:
            return (self.address,)
        wanted = [
            year
            for year in report_years
            if year >= (self.first_year or 0) and (not self.years or year in self.years)
        ]
        return tuple(self.address.replace(_YEAR_PLACE, str(year)) for year in wanted or self.years[-1:] or (2019,))

    @field_validator("address")
    @classmethod
    def _is_web_address(cls, address: str) -> str:
        spelled = normalise(address.replace(_YEAR_PLACE, _YEAR_MARK))
        if spelled is not None:
            spelled = spelled.replace(_YEAR_MARK, _YEAR_PLACE)
        if spelled is None or not address.strip().lower().startswith(("http://", "https://")):
            raise ValueError("not a web address: write it in full, beginning with http:// or https://")
        return spelled

    @model_validator(mode="after")
    def _year_has_begin(self) -> ColumnDefinition:
        if self.by_year and not (self.first_year or self.years):
            raise ValueError("an address with {year} needs first_year: the oldest report year to ask for")
        return self

    @model_validator(mode="after")
    def _organ_or_covers(self) -> ColumnDefinition:
        if self.organ and self.covers:
            raise ValueError("organ and covers exclude each other: keep the one that is true of the column")
        if COVERS_NOBODY in self.covers and len(self.covers) > 1:
            raise ValueError("covers: none stands alone: take it out, or the others")
        return self


class PortalDefinition(_Strict):
    """One government site with its annual-report columns. Only ``hosts`` are ever visited.

    ``request_interval`` in seconds replaces the setting of that name for this portal. ``render`` and
    ``render_reports`` hold for every column that does not give its own reason.

    ``valid_from`` and ``valid_to`` are the first and the last day on which the definition is true: on others the
    portal is not crawled, and reports that fell due after the last are not looked for in its columns.
    ``successor`` is the id of the portal that took its place. ``verified`` is the day on which somebody compared
    the definition with the live site; left out, nobody has.
    """

    id: _Identifier
    name: _Name
    county_code: _CountyCode
    family: str
    hosts: Annotated[tuple[str, ...], Field(min_length=1)]
    columns: Annotated[tuple[ColumnDefinition, ...], Field(min_length=1)]
    request_interval: Annotated[float, Field(ge=0, le=3600)] | None = None
    valid_from: _Day | None = None
    valid_to: _Day | None = None
    successor: _Identifier | None = None
    verified: _Day | None = None
    render: _Reason | None = None
    render_reports: _Reason | None = None

    @field_validator("family")
    @classmethod
    def _is_family(cls, family: str) -> str:
        if family not in FAMILIES:
            raise ValueError(f"must be one of {', '.join(FAMILIES)}, not {family!r}")
        return family

    @field_validator("hosts")
    @classmethod
    def _are_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        spelled = []
        for host in hosts:
            # The scheme only serves to take the host apart; the port decides whether the entry is for one port.
            address = normalise(f"http://{host}/") if "/" not in host and "@" not in host else None
            if address is None or not host.strip():
                raise ValueError(f"{host!r} is not a host: write the name alone, or name:port")
            spelled.append(address.removeprefix("http://").rstrip("/") + (":80" if host.endswith(":80") else ""))
        return tuple(spelled)

    @model_validator(mode="after")
    def _columns_fit(self) -> PortalDefinition:
        names = [column.id for column in self.columns]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two columns have the id {name!r}: give each its own")
        for column in self.columns:
            if not allowed(column.address.replace(_YEAR_PLACE, "2020"), self.hosts):
                raise ValueError(
                    f"column {column.id!r} lies on a host not listed in hosts: add it there, if it is right"
                )
        return self

    @model_validator(mode="after")
    def _validity_fits(self) -> PortalDefinition:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to is before valid_from: exchange or correct the two days")
        if self.successor == self.id:
            raise ValueError("successor names the portal itself: name the portal that took its place")
        if self.successor and not self.valid_to:
            raise ValueError("a portal with a successor needs valid_to: the last day on which it was in use")
        return self

    def valid_on(self, day: date) -> bool:
        """Whether the definition is true on a day, so that the portal is crawled then."""
        return not self.begins_after(day) and not self.ended_before(day)

    def begins_after(self, day: date) -> bool:
        """Whether the portal is not in use yet on a day."""
        return self.valid_from is not None and day < self.valid_from

    def ended_before(self, day: date) -> bool:
        """Whether the portal is no longer in use on a day."""
        return self.valid_to is not None and self.valid_to < day

    @property
    def needs_browser(self) -> bool:
        """Whether a browser is needed for any page of the portal."""
        return any(self.renders_lists(column) or self.renders_reports(column) for column in self.columns)

    def renders_lists(self, column: ColumnDefinition) -> bool:
        """Whether the list pages of a column are built by scripts, so that a browser is needed."""
        return bool(column.render or self.render)

    def renders_reports(self, column: ColumnDefinition) -> bool:
        """Whether the report pages of a column are."""
        return bool(column.render_reports or self.render_reports)

    def allows(self, address: str) -> bool:
        """Whether the definition names the host of this address."""
        return allowed(address, self.hosts)


class _StrictLoader(yaml.SafeLoader):
    """Safe YAML in which a key written twice is an error, not a silent choice of the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """A mapping; raises ConstructorError where a key stands twice."""
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_portal(path: Path) -> PortalDefinition:
    """Read one definition. Raises PortalError with one line per error."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_StrictLoader)  # nosec B506: a SafeLoader
    except OSError as error:
        raise PortalError(
            [f"{path}: cannot be read ({error.strerror}): check the file and its permissions"]
        ) from None
    except UnicodeDecodeError:
        raise PortalError([f"{path}: is not UTF-8: save the file as UTF-8"]) from None
    except (yaml.YAMLError, TypeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "a key that is no plain text"
        raise PortalError(
            [f"{path}{where}: not valid YAML ({problem}): see docs/portals.md for the format"]
        ) from None
    if not isinstance(data, dict):
        raise PortalError([f"{path}: holds no portal definition: see docs/portals.md for the format"])
    try:
        return PortalDefinition.model_validate(data)
    except ValidationError as error:
        found = error.errors()
        # A list whose members are wrong is told to be empty besides.
        inner = {one["loc"][:1] for one in found if len(one["loc"]) > 1}
        lines = [_line(path, one) for one in found if one["type"] != "too_short" or one["loc"] not in inner]
        raise PortalError(lines) from None


@dataclass(frozen=True, slots=True)
class BrokenDefinition:
    """A file whose definition cannot be used: why, and the county it was meant for as far as that can be read."""

    path: Path
    errors: tuple[str, ...]
    county_code: str | None


def read_portals(folder: Path) -> tuple[tuple[PortalDefinition, ...], tuple[BrokenDefinition, ...]]:
    """The definitions (``*.yaml``, ``*.yml``) of a folder that can be used, in order of ids, and the broken ones.

    Of files with the same id none is used: nobody knows which of them is meant. A folder that is there and cannot
    be read counts as broken itself: what is defined in it is not known.
    """
    broken: list[BrokenDefinition] = []
    read: dict[Path, PortalDefinition] = {}
    try:
        paths = sorted(folder.iterdir())
    except FileNotFoundError:
        paths = []
    except OSError as error:
        line = f"{folder}: cannot be read ({error.strerror}): check the file and its permissions"
        return (), (BrokenDefinition(folder, (line,), None),)
    for path in (path for path in paths if path.suffix in (".yaml", ".yml") and path.is_file()):
        try:
            read[path] = read_portal(path)
        except PortalError as error:
            broken.append(BrokenDefinition(path, error.errors, _county_in(path)))
    by_id: dict[str, list[Path]] = {}
    for path, portal in read.items():
        by_id.setdefault(portal.id, []).append(path)
    for name, paths in by_id.items():
        for path in paths if len(paths) > 1 else ():
            other = next(each for each in paths if each != path)
            line = f"{path}: id: {name!r} is the id of {other} too: give each portal its own"
            broken.append(BrokenDefinition(path, (line,), read[path].county_code))
    good = (portal for portal in read.values() if len(by_id[portal.id]) == 1)
    return tuple(sorted(good, key=lambda portal: portal.id)), tuple(sorted(broken, key=lambda one: one.path))


def load_portals(folder: Path) -> tuple[PortalDefinition, ...]:
    """All definitions of a folder, in order of ids; none where the folder is missing.

    Raises PortalError that tells the errors of all files at once.
    """
    portals, broken = read_portals(folder)
    if broken:
        raise PortalError([error for one in broken for error in one.errors])
    return portals


def _county_in(path: Path) -> str | None:
    """The county code that stands in a file, whatever else is wrong with it."""
    try:
        found = _COUNTY_LINE.findall(path.read_bytes().decode("utf-8", "replace"))
    except OSError:
        return None
    return found[0] if len(set(found)) == 1 else None


_COUNTY_LINE = re.compile(r"""^\ufeff?county_code:\s*["']?(\d{6})["']?\s*(?:#.*)?$""", re.MULTILINE)
_REMEDIES = {
    "extra_forbidden": "no such field: correct its spelling or take it out",
    "missing": "is missing: add it",
    "string_pattern_mismatch": "has the wrong form ({input}): see docs/portals.md",
    "literal_error": "must be {expected}, not {input}",
    "string_type": "must be text: put it in quotes",
    "tuple_type": "must be a list",
    "too_short": "must not be empty: add at least one",
}


def _line(path: Path, error: Any) -> str:
    """One readable line for one of pydantic's errors."""
    field = ".".join(str(part + 1) if isinstance(part, int) else part for part in error["loc"])
    remedy = _REMEDIES.get(error["type"])
    if remedy:
        text = remedy.format(input=repr(error["input"]), expected=error.get("ctx", {}).get("expected", ""))
    elif error["type"] == "value_error":
        text = str(error["ctx"]["error"])
    else:
        text = f"{error['msg'][:1].lower()}{error['msg'][1:]}: correct it ({error['input']!r})"
    return f"{path}: {field}: {text}" if field else f"{path}: {text}"
