"""Lists 名单 that a scheme hands on: title, columns and the lines around them, as the source lays them out (D7, D8)."""

from collections.abc import Collection, Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.schemes.parts import Key, Part, Text


class ListColumn(Part):
    """One column: a running number, or the answers to one or more fields."""

    #: The heading, with the line breaks of the source.
    label: Text
    #: A running number, or answers.
    value: Literal["number", "answers"] = "answers"
    #: Keys of the fields whose answers stand in the cell, joined by 、.
    fields: tuple[Key, ...] = ()
    #: An answer that says “there is none”: left out beside another, and alone it counts as an answer.
    none: str = ""
    #: A row without it is refused and named.
    required: bool = True
    #: In characters.
    width: int = Field(default=12, ge=4, le=80)

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if (self.value == "answers") != bool(self.fields):
            raise ValueError(f'列 "{self.label}"：要写 fields；value = "number" 的列不能写')
        return self


class Roster(Part):
    """One list of people. In `above` and `below`, `{organisation}`, `{officer}` and `{date}` are filled in."""

    key: Key
    #: What it is called on a button: 附件3.
    name: Text
    title: Text
    #: From left to right.
    columns: Annotated[tuple[ListColumn, ...], Field(min_length=1)]
    #: Lines above the table.
    above: tuple[Text, ...] = ()
    #: Lines below the table.
    below: tuple[Text, ...] = ()

    def faults(self, fields: Collection[str]) -> Iterator[str]:
        """What does not fit the scheme whose fields these are."""
        labels = [column.label for column in self.columns]
        for label in sorted({label for label in labels if labels.count(label) > 1}):
            yield f'列 "{label}" 出现了两次'
        for column in self.columns:
            for key in column.fields:
                if key not in fields:
                    yield f'列 "{column.label}" 的 fields 里的 "{key}" 不是本方案的字段'
        for line in (*self.above, *self.below):
            try:
                line.format(organisation="", officer="", date="")
            except (KeyError, IndexError, ValueError):
                yield f'"{line}" 里只能用 {{organisation}}、{{officer}}、{{date}}'
