"""What a command prints: a table for people, one JSON document for programs. Logs go elsewhere, to stderr."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from bot.cli.words import label
from services.rules.localtime import local_date, local_datetime
from services.schemes.models import Scheme

_Row = TypeVar("_Row")


def say(line: str) -> None:
    """One line for a person."""
    _console().print(line, markup=False, highlight=False, soft_wrap=True)


def document(value: object) -> None:
    """One JSON document: UTF-8, keys in snake_case, times in ISO 8601 with their offset."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n")


def done(value: object, sentence: str, *, as_json: bool) -> None:
    """What a command did: the document, or a sentence."""
    document(value) if as_json else say(sentence)


def listing(
    rows: Sequence[_Row], columns: Mapping[str, str | Callable[[_Row], str]], *, as_json: bool, empty: str
) -> None:
    """A list. `columns` gives header → attribute, or what to make of a row; the JSON has all that a row holds."""
    if as_json:
        document(list(rows))
        return
    if not rows:
        say(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for header in columns:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(
            *(shown(getattr(row, told)) if isinstance(told, str) else told(row) for told in columns.values())
        )
    _console().print(table, markup=False, highlight=False)


def card(title: str, lines: Mapping[str, object]) -> None:
    """One thing: its title, and what is known about it."""
    table = Table(title=title, title_justify="left", box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in lines.items():
        table.add_row(name, shown(value))
    _console().print(table, markup=False, highlight=False)


def shown(value: object) -> str:
    """A value as a person reads it: times of Shanghai, yes and no, nothing for nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case Enum():
            return label(value)
        case datetime():
            return local_datetime(value)
        case date():
            return local_date(value)
        case Decimal():
            return f"{value.normalize():f}"
        case tuple() | list():
            return "、".join(shown(item) for item in value)
        case _:
            return str(value)


def plain(value: object) -> Any:
    """What JSON can hold of a value; a picture's bytes are left out, a scheme is its reference."""
    match value:
        case None | bool() | str() if not isinstance(value, Enum):
            return value
        case Enum():
            return plain(value.value)
        case int() | float():
            return value
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case UUID() | Path():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case Scheme():
            return value.ref
        case BaseModel():
            return plain(value.model_dump())
        case Mapping():
            return {str(key): plain(item) for key, item in value.items() if not isinstance(item, bytes)}
        case tuple() | list() | set() | frozenset():
            return [plain(item) for item in value]
        case _ if is_dataclass(value):
            pairs = ((field.name, getattr(value, field.name)) for field in fields(value) if field.repr)
            return {name: plain(item) for name, item in pairs if not isinstance(item, bytes)}
        case _:
            return str(value)


def _console() -> Console:
    # Made when it is used, for whatever stdout is then; a pipe is wide.
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else 200)
