"""Whether an organisation may be authorised, and whether it may act: the rules of 量学发〔2022〕37号, pure (C1, C3, C9, C13).

The figures are data (`Conditions`, `Limits`): this module compares, and knows no number of its own.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.schemes.parts import Part, Text


class Conditions(Part):
    """第五条、第六条、第十七条至第十九条: what an applicant must have."""

    #: Own premises, in square metres, and how many people train and sit the theory exam there at once.
    premises_m2: Decimal
    seats: int
    #: How many people practise at once.
    stations: int
    #: Shortest lease of hired equipment.
    lease_years: Decimal
    dedicated_staff: int
    teachers_per_occupation: int
    assessors_per_occupation: int
    #: Professional titles from the lowest to the highest; `none` is having none.
    titles: tuple[Text, ...]
    #: A teacher of these levels holds this title or a higher one (C9).
    teacher_title: Text
    teacher_title_levels: tuple[Text, ...]
    #: Papers that everybody hands in, and those only with hired equipment.
    papers: tuple[Text, ...]
    papers_when_hired: tuple[Text, ...]


class Limits(Part):
    """第八条、第二十九条: from where on the end of an authorisation is proposed."""

    findings_out_of_scope: int
    people_a_year: int


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What an applicant says of itself."""

    premises_owned: bool
    premises_m2: Decimal
    seats: int
    stations: int
    equipment_hired: bool
    #: None where nothing is hired or the term is not said.
    lease_years: Decimal | None
    #: The department in charge of training; empty when there is none.
    department: str
    dedicated_staff: int


@dataclass(frozen=True, kw_only=True)
class Member:
    """A teacher or assessor who is there now."""

    #: `teacher` or `assessor`.
    kind: str
    name: str
    occupation: str
    title: str
    certified: bool
    undertaken: bool


@dataclass(frozen=True)
class Unmet:
    """One condition that does not hold: a code, and facts with `needed`, `actual` and whom or what it is about."""

    code: str
    facts: Mapping[str, str | int]


def assess(
    figures: Figures,
    wanted: Collection[tuple[str, str]],
    members: Sequence[Member],
    papers: Collection[str],
    conditions: Conditions,
) -> tuple[Unmet, ...]:
    """What an application still lacks (C1), in the order of the source; nothing when it may go to the society.

    `wanted` are pairs of occupation and level, `papers` the kinds of file that are attached.
    """
    return (
        *_premises(figures, conditions),
        *_equipment(figures, conditions),
        *_organisation(figures, conditions),
        *_papers(figures, papers, conditions),
        *_members(wanted, members, conditions),
    )


def _premises(figures: Figures, conditions: Conditions) -> list[Unmet]:
    unmet = [] if figures.premises_owned else [Unmet("premises_owned", {})]
    if figures.premises_m2 < conditions.premises_m2:
        unmet.append(
            Unmet(
                "premises_area",
                {"actual": _plain(figures.premises_m2), "needed": _plain(conditions.premises_m2)},
            )
        )
    if figures.seats < conditions.seats:
        unmet.append(Unmet("seats", {"actual": figures.seats, "needed": conditions.seats}))
    if figures.stations < conditions.stations:
        unmet.append(Unmet("stations", {"actual": figures.stations, "needed": conditions.stations}))
    return unmet


def _equipment(figures: Figures, conditions: Conditions) -> list[Unmet]:
    if not figures.equipment_hired or (figures.lease_years or 0) >= conditions.lease_years:
        return []
    actual = "" if figures.lease_years is None else _plain(figures.lease_years)
    return [Unmet("lease_years", {"actual": actual, "needed": _plain(conditions.lease_years)})]


def _organisation(figures: Figures, conditions: Conditions) -> list[Unmet]:
    unmet = [] if figures.department.strip() else [Unmet("department", {})]
    if figures.dedicated_staff < conditions.dedicated_staff:
        facts = {"actual": figures.dedicated_staff, "needed": conditions.dedicated_staff}
        unmet.append(Unmet("dedicated_staff", facts))
    return unmet


def _papers(figures: Figures, papers: Collection[str], conditions: Conditions) -> list[Unmet]:
    needed = conditions.papers + (conditions.papers_when_hired if figures.equipment_hired else ())
    return [Unmet("paper", {"paper": kind}) for kind in needed if kind not in papers]


def _members(
    wanted: Collection[tuple[str, str]], members: Sequence[Member], conditions: Conditions
) -> list[Unmet]:
    if not wanted:
        return [Unmet("scope_empty", {})]
    unmet = []
    for occupation in dict.fromkeys(occupation for occupation, _ in wanted):
        levels = {level for its_occupation, level in wanted if its_occupation == occupation}
        titled = not levels.isdisjoint(conditions.teacher_title_levels)
        here = [member for member in members if member.occupation == occupation]
        teachers = [member for member in here if member.kind == "teacher"]
        assessors = [member for member in here if member.kind == "assessor"]
        able = [one for one in teachers if not titled or _holds(one.title, conditions)]
        ready = [one for one in assessors if one.certified and one.undertaken]
        about = {"occupation": occupation}
        if len(able) < conditions.teachers_per_occupation:
            needed = conditions.teachers_per_occupation
            unmet.append(Unmet("teachers", {**about, "actual": len(able), "needed": needed}))
            unmet += [
                Unmet("teacher_title", {**about, "name": one.name, "needed": conditions.teacher_title})
                for one in teachers
                if one not in able
            ]
        if len(ready) < conditions.assessors_per_occupation:
            needed = conditions.assessors_per_occupation
            unmet.append(Unmet("assessors", {**about, "actual": len(ready), "needed": needed}))
            unmet += [
                Unmet("assessor_papers", {**about, "name": one.name, "lacks": lacks})
                for one in assessors
                if (lacks := _lacking(one))
            ]
    return unmet


def _holds(title: str, conditions: Conditions) -> bool:
    scale = conditions.titles
    return title in scale and scale.index(title) >= scale.index(conditions.teacher_title)


def _lacking(assessor: Member) -> str:
    """`certificate`, `undertaking`, `both` or nothing (C9)."""
    if assessor.certified:
        return "" if assessor.undertaken else "undertaking"
    return "certificate" if assessor.undertaken else "both"


#: A self-check that was not handed in, and that the society has not let pass.
_NOT_IN = (None, "due", "missed")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What an organisation's authorisation is like for one occupation at one level."""

    #: `active`, `suspended`, `ended`; None: never authorised.
    state: str | None
    in_scope: bool
    authorised_on: date | None
    #: State of the self-check of the last year whose day has passed; None: there is none.
    last_self_check: str | None


def refusal(standing: Standing, *, last_year_due: int) -> str:
    """Why it may not enrol, train, examine or have certificates issued; empty when it may (C3, C4, C12, C14).

    `last_year_due` is the last year whose self-check had to be in by now. Who was authorised after that year owes none
    for it. The codes: `none`, `ended`, `suspended`, `self_check_missed`, `out_of_scope`.
    """
    if standing.state is None or standing.authorised_on is None:
        return "none"
    if standing.state == "ended":
        return "ended"
    if standing.state == "suspended":
        return "suspended"
    owed = standing.authorised_on.year <= last_year_due
    if owed and standing.last_self_check in _NOT_IN:
        return "self_check_missed"
    return "" if standing.in_scope else "out_of_scope"


def last_year_due(today: date, *, month: int, day: int) -> int:
    """The last year whose day for the self-check lies before `today`.

    >>> last_year_due(date(2026, 12, 31), month=12, day=31), last_year_due(date(2027, 1, 1), month=12, day=31)
    (2025, 2026)
    """
    return today.year if today > date(today.year, month, day) else today.year - 1


def proposed_by_findings(out_of_scope: int, limits: Limits) -> bool:
    """经查处两次以上: whether so many findings propose the ending (C3)."""
    return out_of_scope >= limits.findings_out_of_scope


def proposed_by_numbers(trained: int, *, year: int, authorised_on: date, limits: Limits) -> str:
    """Why a year's number of people trained proposes the ending (C13): `no_training`, `few_people`; empty when not.

    Only a whole year counts: who was authorised in the course of it is not compared with a year's figure.
    """
    if authorised_on > date(year, 1, 1):
        return ""
    if trained == 0:
        return "no_training"
    return "few_people" if trained < limits.people_a_year else ""


def reminders_due(today: date, year: int, days: Sequence[tuple[int, int]]) -> int:
    """How many of the reminders, as (month, day) in their order, are due by `today` for the self-check of `year`."""
    return sum(1 for month, day in days if date(year, month, day) <= today)


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
