"""Which test shows which id of the ledger: read from the tests' names and docstrings, written to `docs/coverage.md`.

python -m tests.ledger          writes the table, and says what is missing
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEDGER = ROOT / "docs" / "ledger.md"
TABLE = ROOT / "docs" / "coverage.md"

_RULE = re.compile(r"^- ([A-E]\d{1,2}) (.+)$", re.MULTILINE)
_IN_NAME = re.compile(r"(?<=_)[a-e]\d{1,2}(?=_|$)")
#: A4 is also a size of paper.
_IN_TEXT = re.compile(r"\b[A-E]\d{1,2}\b(?! (?:page|sheet|landscape|paper|PDF))")
_GIST = 60
_INTRODUCTION = """# Coverage 覆盖表

Every id of the [ledger](ledger.md) and the tests that show it. Made by `python -m tests.ledger` from the tests' own names
and docstrings; a test fails when it is out of date or an id has none.

| id | what it demands | shown by |
|---|---|---|
"""


@dataclass(frozen=True)
class Shown:
    """A test that quotes an id."""

    path: str
    name: str

    def __str__(self) -> str:
        return f"`{self.path}` {self.name.removeprefix('test_').replace('_', ' ')}"


def rules() -> dict[str, str]:
    """Id → what the ledger says of it, in the ledger's order."""
    return dict(_RULE.findall(LEDGER.read_text(encoding="utf-8")))


def shown() -> dict[str, list[Shown]]:
    """Id → the tests that quote it, by path and place."""
    found: dict[str, list[Shown]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for function in _tests(ast.parse(path.read_text(encoding="utf-8"))):
            quoted = {one.upper() for one in _IN_NAME.findall(function.name)}
            quoted |= set(_IN_TEXT.findall(ast.get_docstring(function) or ""))
            for one in quoted:
                found.setdefault(one, []).append(Shown(path.relative_to(ROOT).as_posix(), function.name))
    return found


def table() -> str:
    """The page."""
    tests = shown()
    lines = [
        f"| {key} | {_gist(text)} | {'<br>'.join(str(one) for one in tests.get(key, [])) or '—'} |"
        for key, text in rules().items()
    ]
    return _INTRODUCTION + "\n".join(lines) + "\n"


def missing() -> list[str]:
    """Ids that no test quotes."""
    tests = shown()
    return [key for key in rules() if key not in tests]


def _tests(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node


def _gist(text: str) -> str:
    plain = text.replace("|", "/")
    return plain if len(plain) <= _GIST else plain[:_GIST].rstrip() + "…"


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
    print(f"{TABLE.relative_to(ROOT)}: {len(rules())} ids, without a test: {', '.join(missing()) or 'none'}")  # noqa: T201
