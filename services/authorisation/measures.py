"""The measures 管理办法 that authorisations follow: the figures of the source, read from `measures.toml` once."""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from services.rules.authorisation import Conditions, Limits
from services.schemes.parts import Part, Text

PATH: Final = Path(__file__).with_name("measures.toml")

MonthAndDay = tuple[Annotated[int, Field(ge=1, le=12)], Annotated[int, Field(ge=1, le=31)]]


class SelfCheckDays(Part):
    """When the self-check of a year may be begun, is reminded of and is due (C12); days of Shanghai."""

    opens: MonthAndDay
    due: MonthAndDay
    reminders: tuple[MonthAndDay, ...]

    def opens_on(self, year: int) -> date:
        """The first day on which it may be filled in."""
        return date(year, *self.opens)

    def due_on(self, year: int) -> date:
        """The last day on which it may be handed in."""
        return date(year, *self.due)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        days = [self.opens, *self.reminders, self.due]
        if days != sorted(days):
            raise ValueError("opens, reminders and due have to follow each other in the year")
        return self


class Measures(Part):
    """One document of measures."""

    source: Text
    #: Kind of organisation that applies, and kind that authorises.
    kind: Text
    by: Text
    #: Dotted paths of what the source does not say.
    proposed: tuple[Text, ...]
    conditions: Conditions
    limits: Limits
    self_check: SelfCheckDays

    @model_validator(mode="after")
    def _proposals_exist(self) -> Self:
        document = self.model_dump()
        for path in self.proposed:
            here = document
            for step in path.split("."):
                if step not in here:
                    raise ValueError(f"proposed names {path}, which is not there")
                here = here[step]
        if self.conditions.teacher_title not in self.conditions.titles:
            raise ValueError("conditions.teacher_title is none of conditions.titles")
        return self


@cache
def measures() -> Measures:
    """The measures in force. Raises pydantic.ValidationError when the file is wrong, which a test would find."""
    return Measures.model_validate(tomllib.loads(PATH.read_text(encoding="utf-8")))
