"""What a person ends with: a certificate, a card, an appointment. Each has a number of its own kind."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from services.schemes.parts import LATER, Key, Part, Text


class CertificateKind(Part):
    """A paper that is issued: its title, its number's prefix, how long it is in force (A6)."""

    key: Key
    title: Text
    #: When it is issued: the hours are met, or the published result is a pass.
    trigger: Literal["hours_met", "result_passed"]
    #: How its numbers begin; no other paper's.
    number_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,12}$")]
    #: None: without end.
    valid_months: int | None = None
    statement: str = ""
    #: Kind of organisation that issues it; empty: the one that trained the person (C10, `Roles.trained_by`).
    issued_by: Annotated[str, LATER] = ""
    #: Digits of the number's sequence, at least.
    number_digits: Annotated[int, LATER, Field(ge=6, le=8)] = 6


class CardRenewal(Part):
    """复核: how a card is kept in force for another term. The source names it and says nothing else (附件3)."""

    #: How it is called.
    label: Text
    #: So many days before the last day it can be renewed, and its holder is reminded.
    opens_days: int = Field(ge=1, le=730)
    #: So many days before the last day, the earliest first.
    reminders: tuple[int, ...] = Field(min_length=1, max_length=4)
    #: What staff look at before they renew.
    conditions: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _reminds_while_it_is_open(self) -> Self:
        if list(self.reminders) != sorted(set(self.reminders), reverse=True):
            raise ValueError("reminders 从早到晚写，每个天数一次，例如 [90, 30]")
        if not all(0 < days <= self.opens_days for days in self.reminders):
            raise ValueError("reminders 的天数应大于 0、不超过 opens_days")
        return self


class Card(Part):
    """A card with a number of its own, instead of a certificate (D7)."""

    title: Text
    #: Kind of organisation that gives the number.
    numbered_by: Text
    #: Kinds of organisation that make and hand it out: of these the one that decides the last stage of the review.
    made_by: tuple[Text, ...] = Field(min_length=1)
    #: The source leaves the number to the province: prefix, year, a sequence of so many digits, a check character.
    number_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,12}$")]
    #: Digits of the number's sequence, at least.
    number_digits: Annotated[int, LATER, Field(ge=6, le=8)] = 6
    #: None: without end.
    valid_months: Annotated[int | None, LATER, Field(ge=1, le=600)] = None
    #: Schemes whose cards stand or fall together when a qualification is cancelled for ever (D9).
    family: Key
    #: The field, of kind `choices`, whose values the card is for; empty: it names none.
    occupations: Annotated[str, LATER] = ""
    #: The field that says where the person works: nobody examines their own institution's people (D9).
    employer: Key
    statement: Annotated[str, LATER] = ""
    #: None: it is not renewed; who wants another term applies again.
    renewal: Annotated[CardRenewal | None, LATER] = None

    @model_validator(mode="after")
    def _ends_where_it_is_renewed(self) -> Self:
        if self.renewal is not None and self.valid_months is None:
            raise ValueError("写了 renewal 的证卡要有 valid_months")
        return self


class Appointment(Part):
    """An appointment under one number a person, for the fields applied for (E4, E5)."""

    title: Text
    #: How the number is called: 聘用号.
    number_label: Text
    #: The field, of kind `choices`, whose values are what a person is appointed for.
    covers: Key
    #: Kind of organisation that decides, at first and whenever it is evaluated again (E7).
    decided_by: Text
    #: The text field with the laboratory that a person works for: the name of an organisation of `laboratory_kind`.
    laboratory: Annotated[Key, LATER] = "laboratory"
    #: Kind of organisation that it is.
    laboratory_kind: Annotated[Text, LATER] = "laboratory"
    #: A number is this and so many digits of a series of its own; appointments with the same prefix share the series, and
    #: a person has one number in it for ever (E5).
    number_prefix: Annotated[str, LATER, StringConstraints(pattern=r"^[A-Z0-9]{0,8}$")] = ""
    #: Digits behind the prefix.
    number_digits: Annotated[int, LATER, Field(ge=4, le=10)] = 6
    #: Kinds of organisation that evaluate everybody (E7); whoever stands above a laboratory evaluates its people besides.
    evaluated_by: Annotated[tuple[Text, ...], LATER] = ()
    #: What an evaluation says, best first.
    marks: Annotated[tuple[Text, ...], LATER] = ()
    #: Kinds of organisation that take requests for a login and grant it (E6).
    logins_by: Annotated[tuple[Text, ...], LATER] = ()
    #: What the systems are called in which the account is made, and into which only appointed people may log in (E1, E5).
    account_system: Annotated[str, LATER] = ""
    #: Into which only appointed people may log in.
    login_system: Annotated[str, LATER] = ""
