"""Practice is recorded with instrument, process, result and answer sheet, and counts apart from theory (C8, B1, A4)."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from services.attendance import ClassDayService, PracticeService, SignInService
from services.attendance import hours as following
from services.errors import ConflictError, ServiceError
from services.exams.seats import SeatService
from services.models import Actor
from services.unit_of_work import Tools
from storage.attendance_states import DayKind
from storage.tables import AuditEntry, OutboxMessage, StudyRecord
from tests.attendance_stories import STARTS_AT, School, school
from tests.conftest import FixedClock

D = Decimal


@pytest.fixture
async def place(tools: Tools, clock: FixedClock) -> School:
    made = await school(tools)
    clock.moment = STARTS_AT
    return made


async def test_a_day_of_practice_counts_once_it_is_signed_for_and_recorded_c8(
    place: School, tools: Tools
) -> None:
    day = await place.day(DayKind.PRACTICE)
    with pytest.raises(ConflictError, match=r"practice\.not_signed"):
        await place.practise(day)
    await place.sign(day)
    assert (await place.progress()).done == 0
    sheet_of = await place.practise(day, b"%PDF-1.4 answers")
    await place.practise(day)
    progress = await place.progress()
    assert [(part.part, part.done, part.required) for part in progress.parts] == [
        ("theory", D(0), D(40)),
        ("practice", D(8), D(24)),
    ]
    async with tools.unit_of_work() as work:
        records = await PracticeService(work).of_enrolment(place.sub_centre.officer, place.enrolment_id)
        assert [(record.instrument, record.has_sheet) for record in records] == [
            ("外径千分尺 0–25 mm，编号 0123", True),
            ("外径千分尺 0–25 mm，编号 0123", False),
        ]
        content, media_type = await PracticeService(work).sheet(place.sub_centre.officer, sheet_of)
        assert (content, media_type) == (b"%PDF-1.4 answers", "application/pdf")
        looks = await work.session.scalars(
            select(AuditEntry.action).where(AuditEntry.action == "practice.sheet_viewed")
        )
        assert list(looks) == ["practice.sheet_viewed"]


async def test_a_day_of_theory_takes_no_record_of_practice_c8(place: School) -> None:
    day = await place.day()
    await place.sign(day)
    with pytest.raises(ServiceError, match=r"practice\.not_practice"):
        await place.practise(day)


async def test_the_exam_waits_for_theory_and_practice_both_c8(place: School, tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        work.session.add_all(
            StudyRecord(
                enrolment_id=place.enrolment_id,
                source=source,
                reference=source,
                course="远程学习",
                hours=D(hours),
                created_at=work.now,
            )
            for source, hours in (("import", 60), ("proof", 40))
        )
    async with tools.unit_of_work() as work:
        found = (await SeatService(work).standings([place.enrolment_id]))[place.enrolment_id]
    assert (found.done, found.required, found.hours_met) == (D(40), D(64), False)
    day = await place.day(DayKind.PRACTICE, hours=D(16))
    await place.sign(day)
    await place.practise(day)
    other = await place.day(DayKind.PRACTICE, title="第二次实操")
    await place.sign(other)
    await place.practise(other)
    async with tools.unit_of_work() as work:
        found = (await SeatService(work).standings([place.enrolment_id]))[place.enrolment_id]
    assert (found.done, found.hours_met) == (D(64), True)


async def test_hours_come_from_import_attendance_practice_and_proof_a4_b1(
    place: School, tools: Tools
) -> None:
    """A4, B1: every source has its record, and the same day again changes nothing."""
    theory, practice = await place.day(), await place.day(DayKind.PRACTICE)
    await place.sign(theory)
    await place.sign(practice)
    await place.practise(practice)
    with pytest.raises(ConflictError, match=r"sign_in\.already"):
        await place.sign(theory)
    for _ in range(2):
        async with tools.unit_of_work() as work:
            await following.follow(
                work, place.enrolment_id, "attendance", str(theory.id), Actor.system("follow_hours")
            )
    progress = await place.progress()
    assert sorted((line.source, line.hours) for line in progress.records) == [
        ("attendance", D(8)),
        ("practice", D(8)),
    ]
    async with tools.unit_of_work() as work:
        told = (await work.session.scalars(select(OutboxMessage.notice))).all()
    assert list(told) == ["hours_progress", "hours_progress"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"hours": D(0)}, "day.hours"),
        ({"hours": D("0.125")}, "day.hours"),
        ({"ends_at": STARTS_AT}, "day.times"),
        ({"after": 40}, "day.outside"),
        ({"early_minutes": 999}, "day.early"),
    ],
)
async def test_a_day_lies_within_its_class_and_counts_sensible_hours_c8(
    place: School, wrong: dict[str, object], code: str
) -> None:
    with pytest.raises(ServiceError) as refused:
        await place.day(**wrong)  # type: ignore[arg-type]
    assert refused.value.code == code


async def test_a_sign_in_by_hand_says_who_did_it_and_why_c8(place: School, tools: Tools) -> None:
    day = await place.day()
    await place.sign(day)
    async with tools.unit_of_work() as work:
        seen, [member] = await ClassDayService(work).roll(place.sub_centre.officer, day.id)
    assert (seen.signed, member.number, member.added_by, member.reason) == (
        1,
        place.number,
        "分中心李老师",
        "手机没电，核对过身份证",
    )
    later = await place.day(after=1)
    with pytest.raises(ConflictError, match=r"sign_in\.early"):
        async with tools.unit_of_work() as work:
            await SignInService(work).add_by_hand(
                place.sub_centre.officer, later.id, place.enrolment_id, "先登记"
            )
