"""The rules of 量学发〔2022〕37号 without a database: every figure of C1, who may act, when an ending is proposed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.authorisation.measures import measures
from services.rules import authorisation as rules
from services.rules.authorisation import Figures, Member, Standing, Unmet
from storage.authorisation_states import (
    AuthorisationState,
    EndingCause,
    FileKind,
    MemberKind,
    SelfCheckState,
)

CONDITIONS = measures().conditions
LIMITS = measures().limits
FIGURES = Figures(
    premises_owned=True,
    premises_m2=Decimal(40),
    seats=20,
    stations=7,
    equipment_hired=True,
    lease_years=Decimal(3),
    department="培训部",
    dedicated_staff=1,
)
PAPERS = frozenset(("application_form", "staff", "equipment", "rules", "plan", "lease"))
WANTED = (("length", "skilled"), ("length", "technician"))


def member(kind: str, **other: Any) -> Member:
    given = {
        "name": "王老师",
        "occupation": "length",
        "title": "middle",
        "certified": True,
        "undertaken": True,
        **other,
    }
    return Member(kind=kind, **given)


MEMBERS = (*[member("teacher")] * 2, *[member("assessor", title="none")] * 3)


def assessed(**changed: Any) -> list[str]:
    """Codes of what is unmet with other figures."""
    return [item.code for item in assessed_in_full(**changed)]


def assessed_in_full(
    *, members: Any = MEMBERS, papers: Any = PAPERS, wanted: Any = WANTED, **figures: Any
) -> tuple[Unmet, ...]:
    return rules.assess(replace(FIGURES, **figures), wanted, members, papers, CONDITIONS)


def test_who_has_exactly_the_figures_of_the_source_meets_them_c1() -> None:
    assert assessed() == []


@pytest.mark.parametrize(
    ("changed", "unmet"),
    [
        ({"premises_owned": False}, "premises_owned"),
        ({"premises_m2": Decimal("39.9")}, "premises_area"),
        ({"seats": 19}, "seats"),
        ({"stations": 6}, "stations"),
        ({"lease_years": Decimal("2.9")}, "lease_years"),
        ({"lease_years": None}, "lease_years"),
        ({"department": " "}, "department"),
        ({"dedicated_staff": 0}, "dedicated_staff"),
        ({"papers": PAPERS - {"plan"}}, "paper"),
        ({"papers": PAPERS - {"rules"}}, "paper"),
        ({"papers": PAPERS - {"lease"}}, "paper"),
        ({"wanted": ()}, "scope_empty"),
        ({"members": MEMBERS[1:]}, "teachers"),
        ({"members": MEMBERS[:-1]}, "assessors"),
    ],
)
def test_one_figure_below_the_source_s_is_named_c1(changed: dict[str, Any], unmet: str) -> None:
    assert assessed(**changed) == [unmet]


def test_own_equipment_needs_no_lease_c1() -> None:
    assert assessed(equipment_hired=False, lease_years=None, papers=PAPERS - {"lease"}) == []


def test_each_occupation_has_its_own_teachers_and_assessors_c1() -> None:
    unmet = assessed_in_full(wanted=(*WANTED, ("thermal", "skilled")))
    assert [(item.code, item.facts["occupation"], item.facts["actual"]) for item in unmet] == [
        ("teachers", "thermal", 0),
        ("assessors", "thermal", 0),
    ]


def test_a_teacher_below_the_middle_title_is_named_and_not_counted_c9() -> None:
    unmet = assessed_in_full(members=(*MEMBERS[1:], member("teacher", name="赵老师", title="junior")))
    assert [(item.code, item.facts.get("name")) for item in unmet] == [
        ("teachers", None),
        ("teacher_title", "赵老师"),
    ]


def test_the_source_asks_no_title_of_who_teaches_technicians_only_c9() -> None:
    members = (*MEMBERS[1:], member("teacher", title="none"))
    assert assessed(members=members, wanted=(("length", "technician"),)) == []


@pytest.mark.parametrize(
    ("certified", "undertaken", "lacks"),
    [(False, True, "certificate"), (True, False, "undertaking"), (False, False, "both")],
)
def test_an_assessor_without_certificate_or_undertaking_is_named_and_not_counted_c9(
    certified: bool, undertaken: bool, lacks: str
) -> None:
    unmet = assessed_in_full(
        members=(*MEMBERS[:-1], member("assessor", certified=certified, undertaken=undertaken))
    )
    assert [item.code for item in unmet] == ["assessors", "assessor_papers"]
    assert unmet[1].facts["lacks"] == lacks


AUTHORISED = Standing(
    state="active", in_scope=True, authorised_on=date(2026, 3, 2), last_self_check="accepted"
)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, ""),
        ({"state": None, "authorised_on": None}, "none"),
        ({"state": "ended"}, "ended"),
        ({"state": "suspended"}, "suspended"),
        ({"in_scope": False}, "out_of_scope"),
        ({"last_self_check": None}, "self_check_missed"),
        ({"last_self_check": "due"}, "self_check_missed"),
        ({"last_self_check": "missed"}, "self_check_missed"),
        ({"last_self_check": "handed_in"}, ""),
        ({"last_self_check": "excused"}, ""),
        ({"last_self_check": None, "authorised_on": date(2027, 1, 1)}, ""),
    ],
)
def test_who_may_act_c3_c4_c12_c14(changed: dict[str, Any], code: str) -> None:
    assert rules.refusal(replace(AUTHORISED, **changed), last_year_due=2026) == code


@pytest.mark.parametrize(
    ("today", "year"),
    [(date(2026, 12, 31), 2025), (date(2027, 1, 1), 2026), (date(2026, 6, 1), 2025)],
)
def test_a_self_check_may_be_handed_in_on_its_last_day_c12(today: date, year: int) -> None:
    month, day = measures().self_check.due
    assert rules.last_year_due(today, month=month, day=day) == year


@pytest.mark.parametrize(("findings", "proposed"), [(2, False), (3, True), (4, True)])
def test_more_than_two_findings_propose_the_ending_c3(findings: int, proposed: bool) -> None:
    assert rules.proposed_by_findings(findings, LIMITS) is proposed


@pytest.mark.parametrize(
    ("trained", "authorised_on", "cause"),
    [
        (0, date(2025, 5, 1), "no_training"),
        (99, date(2025, 5, 1), "few_people"),
        (100, date(2025, 5, 1), ""),
        (0, date(2026, 1, 2), ""),
    ],
)
def test_a_whole_year_with_fewer_than_a_hundred_people_proposes_the_ending_c13(
    trained: int, authorised_on: date, cause: str
) -> None:
    assert rules.proposed_by_numbers(trained, year=2026, authorised_on=authorised_on, limits=LIMITS) == cause


@pytest.mark.parametrize(
    ("today", "due"),
    [
        (date(2026, 11, 30), 0),
        (date(2026, 12, 1), 1),
        (date(2026, 12, 15), 2),
        (date(2026, 12, 31), 3),
        (date(2027, 2, 1), 3),
    ],
)
def test_three_reminders_come_before_the_self_check_is_due_c12(today: date, due: int) -> None:
    assert rules.reminders_due(today, 2026, measures().self_check.reminders) == due


def test_the_words_of_the_rules_are_those_that_are_kept() -> None:
    assert {"teacher", "assessor"} == set(MemberKind)
    assert {"active", "suspended", "ended"} == set(AuthorisationState)
    assert set(SelfCheckState) >= {"due", "missed", "handed_in", "accepted", "excused"}
    assert set(EndingCause) >= {"no_training", "few_people"}
    assert set(FileKind) >= set(CONDITIONS.papers + CONDITIONS.papers_when_hired)
