"""The version of each rule: a digest of all that its answers rest on, so that nobody can forget to raise it.

A rule is its declaration and a function. What that function runs is followed through this program: functions,
classes and constants, thresholds by their names, and the data files that are read on the way. Comments, docstrings
and lines that only moved change no version. Another version of Python may, and then reports are judged anew.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from dis import get_instructions
from enum import Enum
from functools import cache, cached_property, partial
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from monitor.rules.base import Rule
from monitor.rules.thresholds import thresholds

_OURS = ("monitor.", "parsers.")
_LENGTH = 32
_CACHED = type(thresholds)
"""What functools.cache makes of a function."""
_PLAIN = (str, bytes, int, float, complex, range, type(None))


class Revisions:
    """Versions of rules and functions; what several of them use is looked at once."""

    def __init__(self) -> None:
        self._lines: dict[str, str] = {}
        self._uses: dict[str, set[str]] = {}

    def of_rule(self, rule: Rule, *more: object) -> str:
        """The version of a rule; ``more`` is what its answers rest on beside what it declares and runs."""
        declared = (rule.id, rule.severity.value, str(rule.years), rule.forms, more)
        return self._version(repr(declared), rule.evaluate)

    def of_function(self, function: Any) -> str:
        """The version of a function by the same measure."""
        return self._version("", function)

    def _version(self, declared: str, function: Any) -> str:
        reached: set[str] = set()
        text = self._text(function, reached)
        waiting = list(reached)
        while waiting:
            new = self._uses[waiting.pop()] - reached
            reached |= new
            waiting += new
        return digest_of([declared, text, *(f"{name} {self._lines[name]}" for name in sorted(reached))])

    def _text(self, value: Any, uses: set[str]) -> str:
        """A text that stands for a value; the names of our functions and classes in it go into ``uses``."""
        if isinstance(value, _CACHED):
            value = value.__wrapped__
        if isinstance(value, FunctionType):
            return self._function(value, uses)
        if isinstance(value, type):
            return self._class(value, uses)
        if isinstance(value, partial):
            given = [self._text(one, uses) for one in (value.func, *value.args, *sorted(value.keywords.items()))]
            return f"partial {given}"
        if isinstance(value, MethodType):
            return f"{self._text(value.__func__, uses)} of {self._text(value.__self__, uses)}"
        if isinstance(value, Enum):
            return str(value)
        if isinstance(value, _PLAIN):
            return repr(value)
        if isinstance(value, re.Pattern):
            return f"{value.pattern!r} {value.flags}"
        if isinstance(value, Mapping):
            return f"{{{[(self._text(key, uses), self._text(one, uses)) for key, one in value.items()]}}}"
        if isinstance(value, set | frozenset):
            return f"set {sorted(self._text(one, uses) for one in value)}"
        if isinstance(value, list | tuple):
            return str([self._text(one, uses) for one in value])
        if is_dataclass(value):
            return str(
                [type(value).__name__, *(self._text(getattr(value, one.name), uses) for one in fields(value))]
            )
        return type(value).__name__

    def _function(self, function: FunctionType, uses: set[str]) -> str:
        code = str(list(_code_parts(function.__code__, function.__doc__)))
        name = f"{function.__module__}.{function.__qualname__}#{digest_of([code])}"
        cells = [self._text(cell.cell_contents, uses) for cell in function.__closure__ or ()]
        if not name.startswith(_OURS):
            return name
        uses.add(name)
        if name not in self._lines:
            self._lines[name] = ""  # it may call itself
            own = self._uses[name] = set()
            defaults = self._text([function.__defaults__, function.__kwdefaults__ or {}], own)
            self._lines[name] = str([code, defaults, *self._surroundings(function, own)])
        return f"{name} {cells}"

    def _surroundings(self, function: FunctionType, uses: set[str]) -> Iterator[str]:
        """What a function finds in its module: other functions, constants, thresholds, and data files."""
        names, texts = _names(function.__code__)
        for name in sorted((names & function.__globals__.keys()) - _set_while_running(function.__module__)):
            value = function.__globals__[name]
            if value is thresholds:
                # By their names, so that another threshold changes no version of this rule.
                read = thresholds()
                used = {key: read[key] for key in texts & read.keys()} or read
                yield json.dumps(used, ensure_ascii=False, sort_keys=True, default=str)
            elif isinstance(value, ModuleType):
                if f"{value.__name__}.".startswith(_OURS):
                    yield from (
                        self._text(getattr(value, one), uses) for one in sorted(names) if hasattr(value, one)
                    )
            else:
                yield f"{name} {self._text(value, uses)}"
        module = sys.modules.get(function.__module__)
        if any(text.endswith(".yaml") for text in texts) and module is not None and module.__file__:
            for file in sorted(Path(module.__file__).parent.glob("*.yaml")):
                yield f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}"

    def _class(self, found: type, uses: set[str]) -> str:
        name = f"{found.__module__}.{found.__qualname__}"
        if not name.startswith(_OURS):
            return name
        uses.add(name)
        if name not in self._lines:
            self._lines[name] = ""
            own = self._uses[name] = set()
            parts = [
                self._text(list(found.__bases__), own),
                str(sorted(vars(found).get("__annotations__", {}).items())),
            ]
            for key, value in sorted(vars(found).items()):
                inner = getattr(value, "fget", None) or getattr(value, "__func__", None)
                inner = value.func if isinstance(value, cached_property) else inner or value
                if isinstance(inner, FunctionType) and inner.__code__.co_filename == "<string>":
                    continue  # written by a dataclass from the fields
                if isinstance(inner, FunctionType | Enum) or (
                    not key.startswith("_") and isinstance(inner, _PLAIN)
                ):
                    parts.append(f"{key} {self._text(inner, own)}")
            self._lines[name] = str(parts)
        return name


def digest_of(texts: Iterable[str]) -> str:
    """One digest for several texts in their order."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass"))
        digest.update(b"\n")
    return digest.hexdigest()[:_LENGTH]


def _code_parts(code: CodeType, said: str | None = None) -> Iterator[object]:
    """What a function does, without where it stands and what its docstring says."""
    yield from (code.co_code.hex(), code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    yield code.co_exceptiontable.hex()
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield list(_code_parts(constant))
        elif isinstance(constant, frozenset):
            yield sorted(map(repr, constant))
        elif said is None or constant != said:
            yield repr(constant)


@cache
def _set_while_running(module: str) -> frozenset[str]:
    """What functions of a module keep in it while they run (``global``): no part of what they are."""
    functions = (one for one in vars(sys.modules[module]).values() if isinstance(one, FunctionType))
    return frozenset(
        step.argval
        for function in functions
        for step in get_instructions(function.__code__)
        if step.opname == "STORE_GLOBAL"
    )


def _names(code: CodeType) -> tuple[set[str], set[str]]:
    """The names that a function uses, and the texts in it, with those of the functions inside it."""
    names, texts = set(code.co_names), {one for one in code.co_consts if isinstance(one, str)}
    for inner in (one for one in code.co_consts if isinstance(one, CodeType)):
        more, further = _names(inner)
        names |= more
        texts |= further
    return names, texts
