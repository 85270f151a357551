"""Sittings and seats: the calendar, booking, the waiting list, reminders, changes and cancellations."""

import asyncio
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.exams.seats import SeatService
from services.exams.sittings import SittingService
from services.exams.views import SeatView
from services.models import Actor, EnrolmentState, SeatState, SittingState, StaffRole
from services.notices.catalogue import NOTICES, TEMPLATE_FIELD_LIMIT, render_fields
from services.rules.localtime import SHANGHAI
from services.unit_of_work import Tools
from storage.tables import AuditEntry
from tests.conftest import FixedClock
from tests.factories import staff_actor
from tests.services.exam_stories import (
    PLACE,
    SATURDAY,
    SATURDAY_END,
    SCHEME,
    Candidate,
    House,
    kinds,
    open_house,
    text_of,
)


@pytest.fixture
async def house(tools: Tools) -> House:
    return await open_house(tools)


def shanghai(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


async def test_a_sitting_is_on_the_last_full_weekend_of_its_quarter_a5(house: House, tools: Tools) -> None:
    view = await house.sitting()
    assert (view.code, view.scheme, view.state) == ("KS2026-001", "质量安全员", SittingState.OPEN)
    assert view.bring == ("身份证原件", "能上网并带摄像头的电脑或手机", "安静、无他人的房间")
    assert (view.warnings, view.reason) == ((), "")
    with pytest.raises(ServiceError) as refusal:
        await house.sitting(starts_at=SATURDAY - timedelta(days=7), ends_at=SATURDAY_END - timedelta(days=7))
    assert refusal.value.code == "sitting.off_calendar"
    assert refusal.value.facts == {"saturday": "2026-12-26", "sunday": "2026-12-27"}
    async with tools.unit_of_work() as work:
        weekend = SittingService(work).suggest(SCHEME, date(2026, 11, 21))
        assert weekend == (date(2026, 12, 26), date(2026, 12, 27))
        after = SittingService(work).suggest(SCHEME, date(2026, 12, 26))
        assert after == (date(2027, 3, 27), date(2027, 3, 28))


async def test_the_official_notice_overrides_the_calendar_and_is_kept_a5(house: House) -> None:
    early = await house.sitting(
        starts_at=SATURDAY - timedelta(days=7),
        ends_at=SATURDAY_END - timedelta(days=7),
        override_reason="黔质促会〔2026〕031号",
    )
    assert early.reason == "黔质促会〔2026〕031号"
    sunday = await house.sitting(
        starts_at=SATURDAY + timedelta(days=1), ends_at=SATURDAY_END + timedelta(days=1)
    )
    assert (sunday.code, sunday.reason) == ("KS2026-002", "")


async def test_a_weekend_day_that_is_worked_in_exchange_is_warned_of(house: House, clock: FixedClock) -> None:
    clock.moment = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
    day = date(2026, 2, 14)
    view = await house.sitting(
        starts_at=shanghai(day, 9), ends_at=shanghai(day, 10, 30), override_reason="通知〔2026〕1号"
    )
    assert [(item.code, item.facts) for item in view.warnings] == [
        ("sitting.working_day", {"day": "2026-02-14", "occasion": "春节"})
    ]


async def test_a_day_of_a_year_whose_calendar_is_unknown_is_said_to_be_so(house: House) -> None:
    day = date(2027, 12, 25)
    view = await house.sitting(starts_at=shanghai(day, 9), ends_at=shanghai(day, 10, 30))
    assert [item.code for item in view.warnings] == ["sitting.calendar_unknown"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"ends_at": SATURDAY}, "sitting.time_order"),
        (
            {"starts_at": SATURDAY - timedelta(days=365), "ends_at": SATURDAY_END - timedelta(days=365)},
            "sitting.past",
        ),
        ({"capacity": 0}, "sitting.capacity"),
        ({"capacity": 5001}, "sitting.capacity"),
        ({"place": "  "}, "sitting.place"),
        ({"form": "by_post"}, "sitting.form"),
    ],
)
async def test_an_impossible_sitting_is_refused(house: House, wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(ServiceError) as refusal:
        await house.sitting(**wrong)
    assert refusal.value.code == code


async def test_an_opened_sitting_is_announced_to_whoever_can_book_it(house: House) -> None:
    ready = await house.candidate()
    learning = await house.candidate(hours="29.5")
    reviewed = await house.candidate(state=EnrolmentState.IN_REVIEW)
    elsewhere = await house.candidate(scheme_id="quality-safety-director", hours="60")
    first = await house.sitting()
    [message] = await house.told(ready)
    assert text_of(message) == (
        f"【质量安全员】考试已开放预约：\n2026年12月26日（周六）09:00–10:30\n{PLACE}\n回复 考试 选择场次。"
    )
    for other in (learning, reviewed, elsewhere):
        assert await house.told(other) == []
    await house.book(ready, first.id)
    await house.sitting(place="第二考场")
    # Booked before it was sent: neither the first sitting nor the second is announced to them any more.
    assert "sitting_opened" not in kinds(await house.told(ready))


async def test_booking_gives_the_lowest_free_seat_and_an_admission_ticket(house: House) -> None:
    sitting = await house.sitting(capacity=3)
    people = [await house.candidate() for _ in range(3)]
    seats: list[SeatView] = [await house.book(who, sitting.id) for who in people]
    assert [seat.number for seat in seats] == [1, 2, 3]
    assert seats[2].ticket == "KS2026-001-003"
    async with house.tools.unit_of_work() as work:
        await SeatService(work).release(people[1].enrolment_id, actor=people[1].actor)
    late = await house.candidate()
    assert (await house.book(late, sitting.id)).number == 2
    again = await house.book(late, sitting.id)
    assert (again.number, again.state) == (2, SeatState.BOOKED)


async def test_twenty_at_once_for_five_seats_get_five_seats_and_fifteen_places_in_the_line(
    house: House,
) -> None:
    sitting = await house.sitting(capacity=5)
    people = [await house.candidate() for _ in range(20)]
    seats: list[SeatView] = await asyncio.gather(*(house.book(who, sitting.id) for who in people))
    assert sorted(seat.number for seat in seats if seat.number is not None) == [1, 2, 3, 4, 5]
    assert sum(seat.state == SeatState.WAITLISTED for seat in seats) == 15
    async with house.tools.unit_of_work() as work:
        detail = await SittingService(work).show(house.officer, sitting.id)
    assert (detail.sitting.booked, detail.sitting.waitlisted, detail.sitting.free) == (5, 15, 0)
    assert [row.number for row in detail.roll[:6]] == [1, 2, 3, 4, 5, None]


async def test_seats_given_back_while_others_book_go_to_one_each(house: House) -> None:
    sitting = await house.sitting(capacity=2)
    holders = [await house.candidate() for _ in range(2)]
    others = [await house.candidate() for _ in range(4)]
    for who in holders:
        await house.book(who, sitting.id)

    async def give_back(who: Candidate) -> None:
        async with house.tools.unit_of_work() as work:
            await SeatService(work).release(who.enrolment_id, actor=who.actor)

    await asyncio.gather(
        *(house.book(who, sitting.id) for who in others), *(give_back(who) for who in holders)
    )
    async with house.tools.unit_of_work() as work:
        detail = await SittingService(work).show(house.officer, sitting.id)
    assert [row.number for row in detail.roll] == [1, 2, None, None]
    assert {row.enrolment_id for row in detail.roll} == {who.enrolment_id for who in others}


async def test_one_person_who_books_two_sittings_at_once_gets_one_seat(house: House) -> None:
    first, second = await house.sitting(), await house.sitting(place="第二考场")
    who = await house.candidate()
    outcomes = await asyncio.gather(
        house.book(who, first.id), house.book(who, second.id), return_exceptions=True
    )
    [refusal] = [item for item in outcomes if isinstance(item, ConflictError)]
    assert refusal.code == "seat.already_booked"
    assert sum(isinstance(item, SeatView) for item in outcomes) == 1


async def test_who_lacks_hours_or_a_fee_or_admission_cannot_book(house: House) -> None:
    sitting = await house.sitting()
    cases = {
        "seat.hours_not_met": await house.candidate(hours="29.5"),
        "seat.fees_outstanding": await house.candidate(paid=False),
        "enrolment.not_admitted": await house.candidate(state=EnrolmentState.IN_REVIEW),
    }
    for code, who in cases.items():
        with pytest.raises(ServiceError) as refusal:
            await house.book(who, sitting.id)
        assert refusal.value.code == code
    with pytest.raises(ServiceError) as refusal:
        await house.book(cases["seat.hours_not_met"], sitting.id)
    assert refusal.value.facts == {"done": "29.5", "required": "30"}


async def test_a_sitting_of_another_scheme_or_organisation_or_that_has_begun_cannot_be_booked(
    house: House, tools: Tools, clock: FixedClock
) -> None:
    sitting = await house.sitting()
    director = await house.candidate(scheme_id="quality-safety-director", hours="60")
    other_house = await open_house(tools, "别的协会")
    stranger = await other_house.candidate()
    for who in (director, stranger):
        with pytest.raises(NotFoundError):
            await house.book(who, sitting.id)
    who = await house.candidate()
    with pytest.raises(NotFoundError):
        await house.book(who, uuid4())
    async with tools.unit_of_work() as work:
        with pytest.raises(NotFoundError):
            await SeatService(work).book(who.enrolment_id, sitting.id, actor=stranger.actor)
    clock.moment = SATURDAY
    with pytest.raises(ConflictError) as refusal:
        await house.book(who, sitting.id)
    assert refusal.value.code == "sitting.started"


async def test_reminders_come_seven_days_one_day_and_two_hours_before_with_place_and_what_to_bring(
    house: House,
) -> None:
    sitting, who = await house.sitting(), await house.candidate()
    await house.book(who, sitting.id)
    reminders = await house.told(who)
    assert [message.due_at.astimezone(SHANGHAI).strftime("%m-%d %H:%M") for message in reminders] == [
        "12-19 09:00",
        "12-25 09:00",
        # Quiet hours end at 08:00; two hours before the exam cannot wait.
        "12-26 07:00",
    ]
    assert [message.facts["lead"] for message in reminders] == ["还有7天", "明天", "2小时后"]
    assert text_of(reminders[1]) == (
        "考试提醒（明天）：【质量安全员】\n时间：2026年12月26日（周六）09:00–10:30\n"
        f"地点：{PLACE}\n座位：1号　准考证号：KS2026-001-001\n"
        "请带：身份证原件、能上网并带摄像头的电脑或手机、安静、无他人的房间"
    )


async def test_a_late_booking_gets_only_the_reminders_that_still_lie_ahead(
    house: House, clock: FixedClock
) -> None:
    sitting, who = await house.sitting(), await house.candidate()
    clock.moment = SATURDAY - timedelta(hours=20)
    await house.book(who, sitting.id)
    assert kinds(await house.told(who)) == ["exam_reminder_urgent"]


async def test_a_reminder_that_quiet_hours_put_off_says_what_is_true_in_the_morning(house: House) -> None:
    day = date(2026, 12, 26)
    sitting = await house.sitting(starts_at=shanghai(day, 21, 30), ends_at=shanghai(day, 23))
    who = await house.candidate()
    await house.book(who, sitting.id)
    leads = [(item.facts["lead"], item.due_at.astimezone(SHANGHAI).hour) for item in await house.told(who)]
    assert leads == [("还有6天", 8), ("今天", 8), ("2小时后", 19)]


async def test_giving_a_seat_back_withdraws_its_reminders_and_lets_the_first_in_line_move_up(
    house: House, clock: FixedClock
) -> None:
    sitting = await house.sitting(capacity=1)
    holder, first, second = [await house.candidate() for _ in range(3)]
    await house.book(holder, sitting.id)
    for who, position in ((first, 1), (second, 2)):
        clock.move(minutes=1)
        assert (await house.book(who, sitting.id)).waiting_position == position
        assert await house.told(who) == []
    async with house.tools.unit_of_work() as work:
        await SeatService(work).release(holder.enrolment_id, actor=holder.actor)
    assert await house.told(holder) == []
    assert len(await house.told(holder, state="withdrawn")) == 3
    told = await house.told(first)
    assert kinds(told) == ["seat_booked", "exam_reminder", "exam_reminder", "exam_reminder_urgent"]
    assert "座位：1号\n准考证号：KS2026-001-001" in text_of(told[0])
    async with house.tools.unit_of_work() as work:
        assert await SeatService(work).seat_of(holder.enrolment_id) is None
        waiting = await SeatService(work).seat_of(second.enrolment_id)
        assert waiting is not None
        assert (waiting.state, waiting.waiting_position) == (SeatState.WAITLISTED, 1)
    assert [entry.action for entry in await house.history(first)] == ["seat.waitlisted", "seat.filled"]


async def test_who_gives_a_seat_back_and_books_again_is_reminded_again(house: House) -> None:
    sitting, who = await house.sitting(), await house.candidate()
    await house.book(who, sitting.id)
    async with house.tools.unit_of_work() as work:
        await SeatService(work).release(who.enrolment_id, actor=who.actor)
    await house.book(who, sitting.id)
    assert len(await house.told(who)) == 3


async def test_whom_staff_book_in_or_out_is_told(house: House) -> None:
    sitting, who, late = await house.sitting(capacity=1), await house.candidate(), await house.candidate()
    async with house.tools.unit_of_work() as work:
        await SeatService(work).book(who.enrolment_id, sitting.id, actor=house.officer)
        await SeatService(work).book(late.enrolment_id, sitting.id, actor=house.officer)
    assert "seat_booked" in kinds(await house.told(who))
    [message] = await house.told(late)
    assert "候补第 1 位" in text_of(message)
    async with house.tools.unit_of_work() as work:
        await SeatService(work).release(who.enrolment_id, actor=house.officer, reason="本人来电申请")
    [message] = await house.told(who)
    assert text_of(message).startswith("您的考试座位已取消：【质量安全员】\n原定：2026年12月26日")
    assert "原因：本人来电申请" in text_of(message)


async def test_a_changed_sitting_withdraws_its_reminders_and_tells_everybody(house: House) -> None:
    sitting = await house.sitting(capacity=1)
    seated, waiting = await house.candidate(), await house.candidate()
    await house.book(seated, sitting.id)
    await house.book(waiting, sitting.id)
    async with house.tools.unit_of_work() as work:
        view = await SittingService(work).change(
            house.officer,
            sitting.id,
            starts_at=SATURDAY + timedelta(days=1),
            place="贵阳市云岩区头桥路1号二楼",
            reason="平台维护",
        )
    assert (view.plan, view.ends_at) == (2, SATURDAY_END + timedelta(days=1))
    assert len(await house.told(seated, state="withdrawn")) == 3
    changed, *reminders = await house.told(seated)
    assert text_of(changed) == (
        "考试安排有变：【质量安全员】\n原定：2026年12月26日（周六）09:00–10:30\n"
        "现改为：2026年12月27日（周日）09:00–10:30\n地点：贵阳市云岩区头桥路1号二楼\n"
        "座位：1号　准考证号：KS2026-001-001\n此前的提醒作废。\n原因：平台维护"
    )
    assert [item.facts["when"] for item in reminders] == ["2026年12月27日（周日）09:00–10:30"] * 3
    [message] = await house.told(waiting)
    assert message.notice == "sitting_changed"
    assert "座位：候补第 1 位" in text_of(message)


async def test_a_larger_room_changes_no_plan_and_lets_people_move_up(house: House) -> None:
    sitting = await house.sitting(capacity=1)
    seated, waiting = await house.candidate(), await house.candidate()
    await house.book(seated, sitting.id)
    await house.book(waiting, sitting.id)
    async with house.tools.unit_of_work() as work:
        view = await SittingService(work).change(house.officer, sitting.id, capacity=2)
    assert (view.plan, view.booked, view.waitlisted) == (1, 2, 0)
    assert "sitting_changed" not in kinds(await house.told(seated))
    assert "seat_booked" in kinds(await house.told(waiting))
    async with house.tools.unit_of_work() as work:
        with pytest.raises(ServiceError) as refusal:
            await SittingService(work).change(house.officer, sitting.id, capacity=1)
    assert (refusal.value.code, refusal.value.facts) == ("sitting.capacity_in_use", {"minimum": 2})


async def test_a_change_without_a_reason_or_off_the_calendar_is_refused_a5(house: House) -> None:
    sitting = await house.sitting()
    async with house.tools.unit_of_work() as work:
        service = SittingService(work)
        with pytest.raises(ServiceError, match=r"sitting\.reason_missing"):
            await service.change(house.officer, sitting.id, place="别处")
        with pytest.raises(ServiceError, match=r"sitting\.off_calendar"):
            await service.change(
                house.officer, sitting.id, starts_at=SATURDAY - timedelta(days=7), reason="平台维护"
            )


async def test_an_opening_that_waits_for_the_morning_is_sent_with_the_changed_time(
    house: House, clock: FixedClock
) -> None:
    who = await house.candidate()
    clock.moment = shanghai(date(2026, 11, 21), 22).astimezone(UTC)
    sitting = await house.sitting()
    async with house.tools.unit_of_work() as work:
        await SittingService(work).change(
            house.officer, sitting.id, starts_at=SATURDAY + timedelta(days=1), reason="平台维护"
        )
    [message] = await house.told(who)
    assert "2026年12月27日（周日）09:00–10:30" in text_of(message)
    assert message.due_at.astimezone(SHANGHAI) == shanghai(date(2026, 11, 22), 8)


async def test_a_cancelled_sitting_frees_everybody_and_says_why(house: House) -> None:
    sitting = await house.sitting(capacity=1)
    seated, waiting = await house.candidate(), await house.candidate()
    await house.book(seated, sitting.id)
    await house.book(waiting, sitting.id)
    async with house.tools.unit_of_work() as work:
        view = await SittingService(work).cancel(house.officer, sitting.id, "平台维护")
    assert (view.state, view.booked, view.waitlisted) == (SittingState.CANCELLED, 0, 0)
    for who in (seated, waiting):
        [message] = await house.told(who)
        assert text_of(message) == (
            "考试取消：【质量安全员】原定 2026年12月26日（周六）09:00–10:30 的考试取消。\n"
            "原因：平台维护\n新的场次开放后会通知您，已缴费用不变。"
        )
    again = await house.sitting()
    assert "sitting_opened" in kinds(await house.told(seated))
    assert (await house.book(seated, again.id)).number == 1
    with pytest.raises(ConflictError):
        await house.book(waiting, sitting.id)


async def test_staff_see_and_decide_only_in_their_own_organisation_b9(house: House, tools: Tools) -> None:
    sitting, who = await house.sitting(), await house.candidate("王小明")
    await house.book(who, sitting.id)
    foreign = (await open_house(tools, "别的协会")).officer
    viewer = staff_actor(house.organisation.id, StaffRole.VIEWER)
    async with tools.unit_of_work() as work:
        service = SittingService(work)
        assert await service.list_for(foreign) == ()
        for attempt in (
            lambda: service.show(foreign, sitting.id),
            lambda: service.roll_workbook(foreign, sitting.id),
            lambda: service.cancel(foreign, sitting.id, "理由"),
            lambda: service.change(foreign, sitting.id, capacity=2),
            lambda: SeatService(work).release(who.enrolment_id, actor=foreign),
            lambda: SeatService(work).book(who.enrolment_id, sitting.id, actor=foreign),
        ):
            with pytest.raises(NotFoundError):
                await attempt()
        assert len(await service.list_for(viewer)) == 1
        with pytest.raises(ForbiddenError):
            await service.cancel(viewer, sitting.id, "理由")
        [line] = (await service.show(viewer, sitting.id)).roll
        assert (line.name, line.number, line.ticket) == ("王小明", 1, "KS2026-001-001")
        assert line.identity_masked.startswith("520***********")


async def test_the_roll_for_invigilators_carries_seats_and_no_full_identity_number(
    house: House, tools: Tools
) -> None:
    sitting, who = await house.sitting(), await house.candidate("王小明")
    await house.book(who, sitting.id)
    async with tools.unit_of_work() as work:
        content = await SittingService(work).roll_workbook(house.officer, sitting.id)
    rows = CalamineWorkbook.from_object(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "质量安全员考试座次表　KS2026-001"
    assert rows[3][:6] == ["座位", "准考证号", "姓名", "身份证号", "报名号", "状态"]
    number, ticket, name, identity, enrolment, state = rows[4][:6]
    assert (number, ticket, name, enrolment, state) == (
        "1",
        "KS2026-001-001",
        "王小明",
        str(who.number),
        "已预约",
    )
    assert str(identity).count("*") == 11
    async with tools.unit_of_work() as work:
        actions = await work.session.scalars(
            select(AuditEntry.action).where(AuditEntry.subject_id == str(sitting.id)).order_by(AuditEntry.id)
        )
        assert list(actions) == ["sitting.added", "sitting.roll_downloaded"]


async def test_checking_in_twice_is_checking_in_once(house: House, tools: Tools) -> None:
    sitting, who = await house.sitting(), await house.candidate()
    seat = await house.book(who, sitting.id)
    for _ in range(2):
        async with tools.unit_of_work() as work:
            view = await SeatService(work).check_in(house.officer, seat.id)
            assert view.state == SeatState.CHECKED_IN
    assert [entry.action for entry in await house.history(who)] == ["seat.booked", "seat.checked_in"]
    async with tools.unit_of_work() as work:
        with pytest.raises(ConflictError):
            await SeatService(work).release(who.enrolment_id, actor=who.actor)


async def test_open_sittings_are_those_that_lie_ahead(house: House, tools: Tools, clock: FixedClock) -> None:
    await house.sitting()
    later = await house.sitting(
        starts_at=SATURDAY + timedelta(days=1), ends_at=SATURDAY_END + timedelta(days=1)
    )
    clock.moment = SATURDAY
    async with tools.unit_of_work() as work:
        service = SittingService(work)
        assert [view.id for view in await service.list_open(SCHEME)] == [later.id]
        assert await service.list_open("quality-safety-director") == ()
        assert (await service.find_by_code(house.officer, "ks2026-002")).id == later.id


async def test_the_system_names_the_organisation_for_which_it_adds_a_sitting(
    house: House, tools: Tools
) -> None:
    async with tools.unit_of_work() as work:
        service = SittingService(work)
        given: dict[str, Any] = {
            "scheme_id": SCHEME,
            "starts_at": SATURDAY,
            "ends_at": SATURDAY_END,
            "place": PLACE,
            "form": "online",
            "capacity": 1,
        }
        with pytest.raises(ForbiddenError):
            await service.add(Actor.system("demo"), **given)
        view = await service.add(Actor.system("demo"), organisation_id=house.organisation.id, **given)
        assert view.organisation_id == house.organisation.id


async def test_every_template_field_about_an_exam_fits_and_is_filled(house: House) -> None:
    sitting = await house.sitting(capacity=1)
    seated, waiting = await house.candidate(), await house.candidate()
    async with house.tools.unit_of_work() as work:
        service = SittingService(work)
        await SeatService(work).book(seated.enrolment_id, sitting.id, actor=house.officer)
        await SeatService(work).book(waiting.enrolment_id, sitting.id, actor=house.officer)
        await service.change(house.officer, sitting.id, place="别处", reason="平台维护")
        await service.cancel(house.officer, sitting.id, "平台维护")
    for who in (seated, waiting):
        for message in [*await house.told(who), *await house.told(who, state="withdrawn")]:
            template = NOTICES[message.notice].template
            assert template is not None
            for value in render_fields(template, message.facts).values():
                assert 0 < len(value) <= TEMPLATE_FIELD_LIMIT
                assert value != "详情见公众号"


async def test_a_form_that_is_sent_twice_makes_one_sitting(house: House) -> None:
    first = await house.sitting()
    with pytest.raises(ConflictError) as refused:
        await house.sitting()
    assert (refused.value.code, refused.value.facts["sitting"]) == ("sitting.exists", first.code)
