"""Assignments 派遣 (D9): drawn among those who may, checked at the door, declined and drawn again, counted (D3)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from services.assignments.attending import AttendingService
from services.assignments.holding import HoldingService
from services.assignments.models import AssignmentView
from services.assignments.planning import PlanningService
from services.assignments.record import on_record
from services.assignments.service import AssignmentService
from services.cards import CancellationService, CardService, CardView
from services.certificates import CertificateService
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import StaffRole
from services.rules.drawing import draw
from services.schemes.kept import several
from services.unit_of_work import Tools, Work
from storage.card_states import ExaminerState
from storage.tables import Card, Enrolment, OutboxMessage
from tests import factories
from tests.conftest import FixedClock
from tests.services import card_stories
from tests.services import sichuan_stories as stories
from tests.services.sichuan_stories import Centres

DAY = date(2026, 11, 28)


async def planned(
    work: Work, at: Centres, *, wanted: int = 2, assessed: str = "德阳某某评价机构"
) -> AssignmentView:
    return await PlanningService(work).add(
        at.city_officer, family="sichuan_examiner", occupation="电工", held_on=DAY, starts="08:30",
        place="成都市武侯区某某路1号", assessed=assessed, wanted=wanted,
    )  # fmt: skip


async def cards_of(work: Work, at: Centres, count: int, **wanted: str) -> list[CardView]:
    return [
        await card_stories.numbered(work, at, name=f"考评{n}", employer=f"单位{n}", **wanted)
        for n in "甲乙丙丁戊"[:count]
    ]


async def test_examiners_are_drawn_and_the_draw_can_be_drawn_again_from_what_is_kept_d9(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        cards = await cards_of(work, at, 4)
        plan = await planned(work, at)
        made = await PlanningService(work).draw(at.city_officer, plan.id)
        assert sorted(made.candidates) == sorted(card.number for card in cards)
        assert draw(made.seed, made.candidates, 2) == made.chosen
        detail = await AssignmentService(work).show(at.city_officer, plan.id)
        assert {one.card_number for one in detail.examiners} == set(made.chosen)
        assert detail.draws[0].holds
        told = (await work.session.scalars(select(OutboxMessage.facts))).all()
        drawn = [facts for facts in told if facts.get("assessed") == "德阳某某评价机构"]
        assert {facts["number"] for facts in drawn} == set(made.chosen)
        with pytest.raises(ConflictError, match=r"assignment\.full"):
            await PlanningService(work).draw(at.city_officer, plan.id)


async def test_only_valid_cards_of_the_occupation_and_not_of_the_assessed_institution_are_drawn_d9(
    tools: Tools,
) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        good, welder, own, expired, suspended, cancelled, busy = [
            await card_stories.numbered(
                work, at, name=f"考评{n}", employer=employer, subjects=several([what])
            )
            for n, employer, what in (
                ("甲", "单位甲", "电工"),
                ("乙", "单位乙", "焊工"),
                ("丙", "德阳某某 评价机构", "电工"),
                ("丁", "单位丁", "电工"),
                ("戊", "单位戊", "电工"),
                ("己", "单位己", "电工"),
                ("庚", "单位庚", "电工"),
            )
        ]
        (await work.session.get_one(Card, expired.id)).valid_until = DAY - timedelta(days=1)
        assert suspended.certificate_id
        await CertificateService(work).suspend(at.city_officer, suspended.certificate_id, "核查中")
        await CancellationService(work).cancel(at.city_officer, cancelled.id, "违规", "文件")
        # One is wanted elsewhere that day, for what only one of them examines.
        (await work.session.get_one(Card, busy.id)).occupations = ["电工", "钳工"]
        elsewhere = await PlanningService(work).add(
            at.city_officer, family="sichuan_examiner", occupation="钳工", held_on=DAY, place="成都", assessed="别处",
            wanted=1,
        )  # fmt: skip
        assert (await PlanningService(work).draw(at.city_officer, elsewhere.id)).chosen == (busy.number,)
        plan = await planned(work, at, wanted=5)
        made = await PlanningService(work).draw(at.city_officer, plan.id)
        assert made.chosen == (good.number,)
        assert made.excluded == {
            welder.number: "occupation",
            own.number: "own_institution",
            expired.number: "expired",
            suspended.number: "suspended",
            busy.number: "busy",
        }
        assert (await AssignmentService(work).show(at.city_officer, plan.id)).line.vacant == 4


async def test_whoever_was_enrolled_by_the_assessed_institution_is_not_drawn_for_it_d9(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        card = await card_stories.numbered(work, at, employer="改了名字的单位")
        plan = await planned(work, at, assessed=at.institution.name)
        made = await PlanningService(work).draw(at.city_officer, plan.id)
        assert made.excluded == {card.number: "own_institution"}


async def test_one_who_declines_says_why_and_a_job_draws_somebody_else_d9(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        await cards_of(work, at, 2)
        attending = AttendingService(work)
        plan = await planned(work, at, wanted=1)
        first = await PlanningService(work).draw(at.city_officer, plan.id)
        enrolment = (
            await work.session.execute(
                select(Enrolment)
                .join(Card, Card.enrolment_id == Enrolment.id)
                .where(Card.number == first.chosen[0])
            )
        ).scalar_one()
        (coming,) = await attending.to_come(enrolment.follower_id)
        actor = factories.staff_actor(at.city.id)
        with pytest.raises(ServiceError, match=r"assignment\.no_reason"):
            await attending.decline(actor, coming.examiner_id, " ", follower_id=enrolment.follower_id)
        with pytest.raises(NotFoundError):
            await attending.decline(actor, coming.examiner_id, "出差", follower_id=plan.id)
        await attending.decline(actor, coming.examiner_id, "出差", follower_id=enrolment.follower_id)
        jobs = await work.session.execute(
            text("SELECT args FROM procrastinate_jobs WHERE task_name = 'draw_again'")
        )
        assert [row[0]["assignment_id"] for row in jobs] == [str(plan.id)]
        await PlanningService(work).draw_again(plan.id)
        await PlanningService(work).draw_again(plan.id)
        detail = await AssignmentService(work).show(at.city_officer, plan.id)
        assert [one.round for one in detail.draws] == [1, 2]
        assert detail.draws[1].excluded[first.chosen[0]] == "drawn_before"
        assert {one.card_number: one.state for one in detail.examiners} == {
            first.chosen[0]: ExaminerState.DECLINED,
            detail.draws[1].chosen[0]: ExaminerState.DRAWN,
        }
        assert await attending.to_come(enrolment.follower_id) == ()


async def test_a_card_is_refused_at_the_door_with_which_of_the_reasons_d9(
    tools: Tools, clock: FixedClock
) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        good = await card_stories.numbered(work, at, name="考评甲", employer="单位甲")
        welder = await card_stories.numbered(work, at, name="考评乙", subjects=several(["焊工"]))
        old = await card_stories.numbered(work, at, name="考评丙")
        gone = await card_stories.numbered(work, at, name="考评丁")
        plan = await planned(work, at, wanted=1)
        (await work.session.get_one(Card, old.id)).valid_until = date(2026, 11, 20)
        await CancellationService(work).cancel(at.city_officer, gone.id, "违规", "文件")
        await PlanningService(work).draw(at.city_officer, plan.id)
        look = HoldingService(work).check
        problems = {
            "unknown": await look(at.city_officer, plan.id, "SCKP2026999999X", "某某"),
            "expired": await look(at.city_officer, plan.id, old.number, "考评丙"),
            "other_person": await look(at.city_officer, plan.id, good.number, "冒名者"),
            "other_occupation": await look(at.city_officer, plan.id, welder.number, "考评乙"),
            "cancelled": await look(at.city_officer, plan.id, gone.number, "考评丁"),
            "": await look(at.city_officer, plan.id, f" {good.number.lower()} ", "考评甲"),
        }
        assert {key: check.problem for key, check in problems.items()} == {key: key for key in problems}
        assert problems["other_person"].name == ""
        with pytest.raises(ConflictError, match=r"assignment\.not_yet"):
            await HoldingService(work).finish(at.city_officer, plan.id)


async def test_what_is_finished_counts_beside_what_the_applicant_says_d3(
    tools: Tools, clock: FixedClock
) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        cards = await cards_of(work, at, 2)
        plan = await planned(work, at, wanted=2)
        await PlanningService(work).draw(at.city_officer, plan.id)
    clock.move(days=7)
    async with tools.unit_of_work() as work:
        await HoldingService(work).check(at.city_officer, plan.id, cards[0].number, cards[0].name)
        await HoldingService(work).report_problem(at.city_officer, plan.id, "考评乙没有到场")
        await HoldingService(work).finish(at.city_officer, plan.id)
        detail = await AssignmentService(work).show(at.city_officer, plan.id)
        assert {one.name: one.state for one in detail.examiners} == {
            "考评甲": ExaminerState.ATTENDED,
            "考评乙": ExaminerState.ABSENT,
        }
        assert [one.text for one in detail.problems] == ["考评乙没有到场"]
    clock.move(days=400)
    async with tools.unit_of_work() as work:
        people = {
            name: await on_record(
                work, (await work.session.get_one(Card, card.id)).person_id, "sichuan_examiner"
            )
            for name, card in zip("甲乙", cards, strict=True)
        }
    assert [(one.assignments_done, one.years_with_card) for one in people.values()] == [(1, 1), (0, 1)]


async def test_a_cancelled_card_is_taken_out_of_what_it_was_drawn_for_d9(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        (card,) = await cards_of(work, at, 1)
        plan = await planned(work, at, wanted=1)
        await PlanningService(work).draw(at.city_officer, plan.id)
        await CancellationService(work).cancel(at.province_officer, card.id, "违规", "文件")
        detail = await AssignmentService(work).show(at.city_officer, plan.id)
        assert detail.line.vacant == 1
        assert detail.examiners[0].state is ExaminerState.RELEASED
        queued = await work.session.scalars(
            select(OutboxMessage.notice).where(OutboxMessage.state == "queued")
        )
        assert "assignment_drawn" not in list(queued)


async def test_an_assignment_that_cannot_be_is_refused_with_its_reason_d9(tools: Tools) -> None:
    changes: dict[str, dict[str, object]] = {
        "assignment.family": {"family": "x"},
        "assignment.occupation": {"occupation": ""},
        "assignment.place": {"place": " "},
        "assignment.assessed": {"assessed": "字" * 61},
        "assignment.wanted": {"wanted": 0},
        "assignment.day": {"held_on": date(2026, 11, 20)},
        "assignment.unknown_occupation": {"occupation": "木工"},
    }
    given: dict[str, object] = {
        "family": "sichuan_examiner", "occupation": "电工", "held_on": DAY, "place": "成都", "assessed": "某机构",
        "wanted": 1,
    }  # fmt: skip
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        for code, change in changes.items():
            with pytest.raises(ServiceError) as refused:
                await PlanningService(work).add(at.city_officer, **(given | change))  # type: ignore[arg-type]
            assert refused.value.code == code
        with pytest.raises(ForbiddenError):
            await PlanningService(work).add(replace(at.city_officer, role=StaffRole.VIEWER), **given)  # type: ignore[arg-type]


async def test_an_occupation_is_one_of_those_on_cards_however_it_is_typed_d9(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        await card_stories.numbered(work, at, subjects=several(["电工", "焊工 A"]))
        planning = PlanningService(work)
        assert await planning.occupations(at.city_officer) == {"sichuan_examiner": ("焊工 A", "电工")}
        given: dict[str, Any] = {
            "family": "sichuan_examiner", "held_on": DAY, "place": "成都", "assessed": "某机构", "wanted": 1,
        }  # fmt: skip
        with pytest.raises(ServiceError) as refused:
            await planning.add(at.city_officer, occupation="钳工", **given)
        assert refused.value.facts["known"] == "焊工 A、电工"
        made = await planning.add(at.city_officer, occupation="焊工Ａ", **given)
        assert made.occupation == "焊工 A"


async def test_supervisors_are_drawn_for_no_occupation_and_a_cancelled_assignment_is_told_d8_d9(
    tools: Tools,
) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        row = await stories.passed(work, at.city, scheme_id="sichuan-supervisor", employer="单位甲")
        cards = CardService(work)
        (card,) = await cards.report(at.city_officer, [row.id])
        (card,) = await cards.number(at.province_officer, [card.id])
        assert card.number.startswith("SCDD")
        plan = await PlanningService(work).add(
            at.city_officer, family="sichuan_supervisor", occupation="", held_on=DAY, place="成都", assessed="某机构",
            wanted=1,
        )  # fmt: skip
        assert (await PlanningService(work).draw(at.city_officer, plan.id)).chosen == (card.number,)
        await PlanningService(work).cancel(at.city_officer, plan.id, "场地停电")
        notices = await work.session.execute(select(OutboxMessage.notice, OutboxMessage.state))
        states = dict(notices.all())
        assert states["assignment_drawn"] == "withdrawn"
        assert states["assignment_cancelled"] == "queued"
