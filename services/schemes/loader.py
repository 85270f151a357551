"""Reading scheme files: TOML, inheritance of a shared part, validation, and the hash that keeps a version unchanged.

A file whose name starts with `_` is a part that others build on with `extends = "_name"`: tables are merged key by
key, everything else is replaced; `[[more.fields]]` (or `more.materials` and so on) adds to an inherited list. A fault is
reported with the file and the place in it.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from services.schemes import faults
from services.schemes.fingerprint import sha256
from services.schemes.models import Scheme
from services.schemes.parameters import PARAMETERS, UnknownPlaceholderError, Written, expand

BUILT_IN = Path(__file__).parent / "data"


class SchemeFileError(Exception):
    """A scheme file is wrong; `.faults` holds one (place, what is wrong) a fault."""

    def __init__(self, path: Path, faults: list[tuple[str, str]]) -> None:
        self.path = path
        self.faults = faults
        super().__init__("\n".join(f"{path.name}: {place}: {fault}" for place, fault in faults))


@dataclass(frozen=True)
class LoadedScheme:
    """A scheme with the SHA-256 of its resolved content."""

    scheme: Scheme
    sha256: str
    path: Path


class SchemeCatalogue(Mapping[str, Scheme]):
    """All schemes by `id@version`; the newest version of an id answers `current`."""

    def __init__(self, loaded: list[LoadedScheme]) -> None:
        self.loaded = {item.scheme.ref: item for item in loaded}
        self._current: dict[str, Scheme] = {}
        for item in sorted(loaded, key=lambda entry: _version_key(entry.scheme.version)):
            self._current[item.scheme.id] = item.scheme

    def __getitem__(self, ref: str) -> Scheme:
        return self.loaded[ref].scheme

    def __iter__(self) -> Iterator[str]:
        return iter(self.loaded)

    def __len__(self) -> int:
        return len(self.loaded)

    def current(self, scheme_id: str) -> Scheme:
        """The newest version. Raises KeyError."""
        return self._current[scheme_id]

    def offered_by(self, *accounts: str) -> list[Scheme]:
        """What these official accounts offer, by their position."""
        offered = (
            scheme for scheme in self._current.values() if not set(accounts).isdisjoint(scheme.accounts)
        )
        return sorted(offered, key=lambda scheme: (scheme.position, scheme.id))


def load_catalogue(*extra: Path) -> SchemeCatalogue:
    """The built-in files and those of the extra folders. Raises SchemeFileError at the first faulty file."""
    loaded: dict[str, LoadedScheme] = {}
    for item in chain(_built_in(), *map(_files, extra)):
        if (other := loaded.get(item.scheme.ref)) is not None:
            raise SchemeFileError(
                item.path, [("id, version", f"{item.scheme.ref} 已由 {other.path.name} 定义")]
            )
        loaded[item.scheme.ref] = item
    return SchemeCatalogue(list(loaded.values()))


@cache
def _built_in() -> tuple[LoadedScheme, ...]:
    """The program's own files, which do not change while it runs."""
    return tuple(_files(BUILT_IN))


def _files(folder: Path) -> Iterator[LoadedScheme]:
    for path in sorted(folder.glob("*.toml")):
        if not path.name.startswith("_"):
            yield from load_file(path)


def load_file(path: Path) -> tuple[LoadedScheme, ...]:
    """The schemes of one file, checked: one, or with `[[parameters]]` one a combination. Raises SchemeFileError."""
    document = _read(path)
    written = {"parameters": document.pop("parameters", [])}
    try:
        documents = expand(document, PARAMETERS.validate_python(written["parameters"]))
    except ValidationError as error:
        wrong = [fault | {"loc": ("parameters", *fault["loc"])} for fault in error.errors()]
        told = faults.all_told(Written, written, wrong)
        raise SchemeFileError(path, told) from error
    except UnknownPlaceholderError as error:
        raise SchemeFileError(path, [(error.place, f"{error.placeholder} 没有写在 parameters 里")]) from error
    return tuple(_checked(path, item) for item in documents)


def _checked(path: Path, document: dict[str, Any]) -> LoadedScheme:
    try:
        scheme = Scheme.model_validate(document)
    except ValidationError as error:
        told = faults.all_told(Scheme, document, error.errors())
        raise SchemeFileError(path, told) from error
    return LoadedScheme(scheme, sha256(scheme), path)


def _read(path: Path) -> dict[str, Any]:
    try:
        raw = path.read_bytes()
        text = raw.decode()
        document = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise SchemeFileError(path, [faults.encoding(raw, error)]) from error
    except tomllib.TOMLDecodeError as error:
        raise SchemeFileError(path, [faults.syntax(text, error)]) from error
    except FileNotFoundError as error:
        raise SchemeFileError(path, [("文件", "找不到")]) from error
    except IsADirectoryError as error:
        raise SchemeFileError(path, [("文件", "这是一个文件夹")]) from error
    base, more = document.pop("extends", None), document.pop("more", {})
    if base is None:
        if more:
            raise SchemeFileError(path, [("more", "只用于有 extends 的文件，用来在继承的列表后面添加")])
        return document
    if not isinstance(base, str) or not base.startswith("_") or "/" in base:
        raise SchemeFileError(
            path, [("extends", f'应是同一文件夹里以 _ 开头的文件名，例如 "_quality_safety"；现在是 {base!r}')]
        )
    for folder in (path.parent, BUILT_IN):
        if (part := folder / f"{base}.toml").exists():
            return _added(path, _merged(_read(part), document), more)
    raise SchemeFileError(path, [("extends", f"找不到 {base}.toml")])


def _added(path: Path, document: dict[str, Any], more: Any) -> dict[str, Any]:
    if not isinstance(more, dict):
        raise SchemeFileError(path, [("more", "应写成 [[more.fields]]、[[more.materials]] 等")])
    for key, items in more.items():
        if not isinstance(items, list) or not isinstance(document.get(key, []), list):
            raise SchemeFileError(path, [(f"more.{key}", "只能给列表添加内容")])
    return document | {key: [*document.get(key, []), *items] for key, items in more.items()}


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        merged[key] = (
            _merged(merged[key], value)
            if isinstance(value, dict) and isinstance(merged.get(key), dict)
            else value
        )
    return merged


def _version_key(version: str) -> tuple[tuple[int, str], ...]:
    return tuple(
        (int(part), "") if part.isdigit() else (-1, part) for part in version.replace("-", ".").split(".")
    )
