"""What came out: the table, and its file."""

import json
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

#: What the figures are for, in the order in which they are shown: (name, what it is).
NAMES: Final[Mapping[str, str]] = {
    "bare": "aiohttp that reads the body and answers `success`",
    "callback_echo": "safe mode, one durable row, an encrypted echo",
    "enrolment_answer": "an answer to a question of an enrolment",
    "receipts": "receipts of template messages, as fast as they are taken",
    "receipts_p99_ms": "99 of 100 receipts at 2,000/s, from when they were due",
    "durable_sends": "messages from the outbox to the platform and back",
    "audience_freeze_s": "the audience of a broadcast to everybody, frozen",
    "cost_1m_over_1k": "a message's cost, among all followers against among 1,000",
    "peer_werobot": "the same echo by WeRoBot",
    "peer_flask": "the same echo by wechatpy + Flask",
    "peer_flask_durable": "the same with one durable SQLite row",
}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure; `ratio` is to bare aiohttp of the same round, where both are counted by the second."""

    value: float
    unit: str
    ratio: float | None = None
    #: Each round's value, by which one sees how quiet the machine was.
    rounds: Sequence[float] = ()
    #: What else there is to say: sizes, and other figures of the same measurement.
    facts: Mapping[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As it stands in the file."""
        kept: dict[str, Any] = {"value": _short(self.value), "unit": self.unit, "ratio": self.ratio}
        if self.ratio is not None:
            kept["ratio"] = round(self.ratio, 4)
        if self.rounds:
            kept["rounds"] = [_short(value) for value in self.rounds]
        return kept | {name: _short(value) for name, value in self.facts.items()}


def of_rounds(rates: Sequence[float], bare: Sequence[float], **facts: float) -> Figure:
    """The middle of all rounds, and of their ratios to bare aiohttp in the same round."""
    ratios = [rate / beside for rate, beside in zip(rates, bare, strict=True)]
    return Figure(
        value=statistics.median(rates),
        unit="req/s",
        ratio=statistics.median(ratios),
        rounds=tuple(rates),
        facts=facts,
    )


def write(figures: Mapping[str, Figure], path: Path) -> None:
    """As JSON, in the order of `NAMES`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ordered = {name: figures[name].as_json() for name in NAMES if name in figures}
    path.write_text(json.dumps(ordered, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def show(figures: Mapping[str, Figure], verdicts: Mapping[str, str]) -> None:
    """As a table on stdout; `verdicts` say of a name what its target is and whether it is met."""
    table = Table()
    for heading, justify in (
        ("name", "left"),
        ("value", "right"),
        ("unit", "left"),
        ("× bare", "right"),
        ("CPU µs", "right"),
    ):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    table.add_column("target")
    table.add_column("what")
    for name, what in NAMES.items():
        if name in figures:
            figure = figures[name]
            ratio = "" if figure.ratio is None else f"{figure.ratio:.3f}"
            spent = f"{figure.facts['cpu_us']:.0f}" if "cpu_us" in figure.facts else ""
            table.add_row(
                name, f"{_short(figure.value):,}", figure.unit, ratio, spent, verdicts.get(name, ""), what
            )
    Console(width=max(140, Console().width)).print(table)


def _short(value: float) -> float:
    if float(value).is_integer():
        return int(value)
    return round(value, 1) if abs(value) >= 100 else round(value, 3)
