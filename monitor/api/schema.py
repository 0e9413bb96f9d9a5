"""The JSON Schema of a report, as ``nianbao parse --format json`` prints it and the API answers (contract 3.1).

It is made from the shared schema itself: the enumerations, the fields of places and facts, the cells of the forms.
"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from monitor.api.answers import as_json, described, marked
from monitor.rules.base import Severity
from parsers.forms import FORM_KEYS, LEGACY, load_form
from parsers.schema import CellState, DocumentKind, Fact, FinerKind, OrganKind, Place

PATH = "/schemas/report.json"
MEDIA_TYPE = "application/schema+json"
_TEXT = {"type": "string"}
_MAYBE_TEXT = {"type": ["string", "null"]}
_NUMBER = {"type": "number"}
_COUNT = {"type": "integer", "minimum": 1}
_PLACES: dict[str, Any] = {
    "table": _COUNT,
    "row": _COUNT,
    "column": _COUNT,
    "line": _COUNT,
    "page": _COUNT,
    "path": _TEXT,
    "box": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4},
    "confidence": {"type": "number", "minimum": 0, "maximum": 1},
    "file": _TEXT,
}
_FACTS: dict[str, Any] = {
    "key": _TEXT,
    "value": _NUMBER,
    "unit": _TEXT,
    "section": {"type": "integer", "minimum": 0, "maximum": 6},
    "quote": _TEXT,
    "negated": {"type": "boolean"},
    "derived": {"type": "boolean"},
    "cumulative": {"type": "boolean"},
    "approximate": {"type": "boolean"},
    "bound": {"type": "string"},
    "group": _TEXT,
    "whole": {"type": "boolean"},
    "of": _TEXT,
}
_ALWAYS_OF_A_FACT = ("key", "value", "unit", "section", "quote")

router = APIRouter()


def reference() -> dict[str, str]:
    """The schema as the description of the API names it."""
    return {"$ref": "#/components/schemas/Report"}


@cache
def report_schema() -> dict[str, Any]:
    """The schema (JSON Schema 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Report",
        "description": "One parsed document: what is printed, never corrected and never invented.",
        **_object(
            {
                "file": _TEXT,
                "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "media_type": _TEXT,
                "kind": _one_of(DocumentKind),
                "document_kind": _one_of(FinerKind),
                "title": _MAYBE_TEXT,
                "organ": _MAYBE_TEXT,
                "organ_kind": {"enum": [*(kind.value for kind in OrganKind), None]},
                "report_year": {"type": ["integer", "null"]},
                "report_year_from": _MAYBE_TEXT,
                "form": {"enum": [*FORM_KEYS, LEGACY, None]},
                "published_on": {"type": ["string", "null"], "format": "date"},
                "published_from": _MAYBE_TEXT,
                "preface": _TEXT,
                "sections": {
                    "type": "object",
                    "propertyNames": {"enum": [str(number) for number in range(1, 7)]},
                    "additionalProperties": _section(),
                },
                "cells": {"type": "object", "additionalProperties": _cell()},
                "narrative": {"type": "array", "items": _fact()},
                "lints": {
                    "type": "array",
                    "items": _object({"code": _TEXT, "text": _TEXT, "at": _place()}),
                },
                "matters": {"type": "array", "items": {"type": "object"}},
                "findings": {"type": "array", "items": _finding()},
                "warnings": {"type": "array", "items": _TEXT},
                "metadata": {"type": "object", "additionalProperties": _TEXT},
            },
            optional=("matters",),
        ),
        "allOf": [_cells_of(form) for form in FORM_KEYS],
    }


@router.get(
    PATH,
    responses=described(None, content={MEDIA_TYPE: {"schema": {"type": "object"}}}),
    openapi_extra={"security": []},
)
def show(request: Request) -> Response:
    """The JSON Schema of a report; open to everybody."""
    return marked(request, as_json(report_schema()), MEDIA_TYPE)


def _object(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _one_of(kinds: Any) -> dict[str, Any]:
    return {"enum": [kind.value for kind in kinds]}


def _place() -> dict[str, Any]:
    return _object({name: _PLACES[name] for name in Place._fields}, optional=Place._fields)


def _section() -> dict[str, Any]:
    return _object(
        {"present": {"type": "boolean"}, "heading": _MAYBE_TEXT, "text": _TEXT, "at": _place()}, optional=("at",)
    )


def _cell() -> dict[str, Any]:
    """A cell: a value stands where it is reported, a place where it is in the document."""
    reported, absent = CellState.REPORTED.value, CellState.ABSENT.value
    return {
        **_object(
            {
                "value": {"type": ["number", "null"]},
                "raw": _TEXT,
                "state": _one_of(CellState),
                "at": _place(),
                "unit": _TEXT,
            },
            optional=("unit",),
        ),
        "if": {"properties": {"state": {"const": reported}}},
        "then": {"properties": {"value": _NUMBER}},
        "else": {"properties": {"value": {"type": "null"}}},
        "allOf": [
            {
                "if": {"properties": {"state": {"const": absent}}},
                "then": {"properties": {"at": {"maxProperties": 0}}},
            }
        ],
    }


def _fact() -> dict[str, Any]:
    names = [field.name for field in fields(Fact)]
    return _object(
        {name: _FACTS[name] for name in names},
        optional=tuple(name for name in names if name not in _ALWAYS_OF_A_FACT),
    )


def _finding() -> dict[str, Any]:
    return _object(
        {
            "rule": _TEXT,
            "severity": _one_of(Severity),
            "cells": {"type": "array", "items": _TEXT},
            "sections": {"type": "array", "items": {"type": "integer"}},
            "message": _TEXT,
            "template": _TEXT,
            "values": {"type": "object"},
            "quote": _MAYBE_TEXT,
        },
        optional=("template",),
    )


def _cells_of(form: str) -> dict[str, Any]:
    """That a report of a form has every cell of the form, the absent ones too, and no other."""
    keys = list(load_form(form).cells)
    return {
        "if": {"properties": {"form": {"const": form}}, "required": ["form"]},
        "then": {"properties": {"cells": {"required": keys, "propertyNames": {"enum": keys}}}},
    }
