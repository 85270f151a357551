"""The roster check with its deadline: the list of logins, the laboratories' answers, what is purged (E6)."""

from datetime import date
from uuid import UUID

import pytest

from services.appointments import AppointmentService
from services.appointments.roster_answers import RosterAnswers
from services.appointments.roster_sheet import COLUMNS
from services.appointments.roster_views import RosterPerson
from services.appointments.rosters import RosterService
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.imports import ImportReport
from services.models import LoginRight, Settlement
from services.rules.roster import Action, Case
from services.spreadsheets import template_workbook
from services.unit_of_work import Tools
from tests import factories
from tests.appointment_stories import LABORATORY, OTHER_LABORATORY, House, open_house
from tests.conftest import FixedClock


async def begun(house: House) -> UUID:
    async with house.tools.unit_of_work() as work:
        return await RosterService(work).begin(
            house.officer("training"), title="2026年登录人员核查", due_on=date(2026, 12, 30)
        )


async def listed(
    house: House, check_id: UUID, *rows: tuple[str, str, str], dry_run: bool = False
) -> ImportReport:
    table = [dict(zip(("name", "login", "laboratory"), row, strict=True)) for row in rows]
    async with house.tools.unit_of_work() as work:
        return await RosterService(work).import_logins(
            house.officer("training"),
            check_id,
            "logins.xlsx",
            template_workbook(COLUMNS, table),
            dry_run=dry_run,
        )


async def people(house: House, check_id: UUID, where: str = "training") -> dict[str, RosterPerson]:
    async with house.tools.unit_of_work() as work:
        view = await RosterService(work).show(house.officer(where), check_id)
        return {one.name: one for one in view.people}


async def answer(house: House, check_id: UUID, name: str, *, still_there: bool) -> None:
    one = (await people(house, check_id))[name]
    where = "laboratory" if one.laboratory == LABORATORY else "other"
    async with house.tools.unit_of_work() as work:
        await RosterAnswers(work).answer(house.officer(where), one.id, still_there=still_there)


async def settle(house: House, person: RosterPerson, settlement: Settlement) -> None:
    async with house.tools.unit_of_work() as work:
        await RosterAnswers(work).settle(house.officer("training"), person.id, settlement, "核查到期")


async def test_the_five_cases_of_annex_2_come_from_list_answers_and_appointments_e6(
    tools: Tools, clock: FixedClock
) -> None:
    house = await open_house(tools)
    await house.appointed("CCC", name="王小明", serial=1)
    await house.appointed("CCC", name="李红", serial=2, stages=3)
    await house.appointed("CCC", name="赵明", serial=3)
    check_id = await begun(house)
    kept = factories.identity_number(1), factories.identity_number(3)
    report = await listed(
        house,
        check_id,
        ("王小明", kept[0], LABORATORY),
        ("赵明", kept[1], LABORATORY),
        ("孙丽", "sunli", LABORATORY),
    )
    assert (report.new, report.changed, report.same, report.errors) == (1, 0, 2, ())
    assert {one.case for one in (await people(house, check_id)).values()} == {Case.UNCONFIRMED}
    for name, there in (("王小明", True), ("李红", True), ("孙丽", True), ("赵明", False)):
        await answer(house, check_id, name, still_there=there)
    async with tools.unit_of_work() as work:
        await RosterAnswers(work).add_person(house.officer("laboratory"), check_id, "周强")
    assert {name: (one.case, one.action) for name, one in (await people(house, check_id)).items()} == {
        "王小明": (Case.KEEP, Action.NONE),
        "李红": (Case.APPLY_FOR_LOGIN, Action.APPLY_FOR_LOGIN),
        "孙丽": (Case.APPOINT_OR_PURGE, Action.APPOINT),
        "赵明": (Case.DEPARTED, Action.SUSPEND_OR_END),
        "周强": (Case.APPOINT_THEN_LOGIN, Action.APPOINT),
    }
    # 孙丽 is appointed in time, 赵明's appointment is ended by the training centre.
    await house.appointed("CCC", name="孙丽", serial=4, stages=3)
    async with tools.unit_of_work() as work:
        zhao = (await people(house, check_id))["赵明"]
        assert zhao.appointment_id
        await AppointmentService(work).end(house.officer("training"), zhao.appointment_id, "调离")
    after = await people(house, check_id)
    assert after["孙丽"].case is Case.KEEP
    assert after["赵明"].case is Case.LOGIN_LEFT_BEHIND
    await settle(house, after["赵明"], Settlement.PURGED)
    async with tools.unit_of_work() as work:
        await RosterService(work).close(house.officer("training"), check_id)


async def test_after_the_last_day_what_nobody_confirmed_or_appointed_is_proposed_and_decided_e6(
    tools: Tools, clock: FixedClock
) -> None:
    house = await open_house(tools)
    await house.appointed("CCC", name="王小明", serial=1)
    check_id = await begun(house)
    await listed(
        house,
        check_id,
        ("王小明", factories.identity_number(1), LABORATORY),
        ("孙丽", "sunli", OTHER_LABORATORY),
    )
    await answer(house, check_id, "孙丽", still_there=True)
    with pytest.raises(ConflictError, match=r"roster\.not_proposed"):
        await settle(house, (await people(house, check_id))["孙丽"], Settlement.PURGED)
    # 30 December is the last day, and still one for answers.
    clock.move(days=39)
    assert (await people(house, check_id))["孙丽"].action is Action.APPOINT
    clock.move(days=1)
    late = await people(house, check_id)
    assert {name: one.action for name, one in late.items()} == {
        "王小明": Action.PURGE_LOGIN,
        "孙丽": Action.PURGE_LOGIN,
    }
    async with tools.unit_of_work() as work:
        view = await RosterService(work).show(house.officer("training"), check_id)
        assert (view.line.overdue, view.unanswered) == (True, {LABORATORY: 1})
        with pytest.raises(ConflictError, match=r"roster\.open_entries"):
            await RosterService(work).close(house.officer("training"), check_id)
    await settle(house, late["王小明"], Settlement.PURGED)
    await settle(house, late["孙丽"], Settlement.SPARED)
    async with tools.unit_of_work() as work:
        [line] = (await AppointmentService(work).list_lines(house.officer("training"))).items
        assert (line.right, line.right_to_apply) == (LoginRight.REVOKED, True)
        await RosterService(work).close(house.officer("training"), check_id)
    with pytest.raises(ConflictError, match=r"roster\.closed"):
        await answer(house, check_id, "孙丽", still_there=False)


async def test_a_list_is_tried_first_and_a_second_time_changes_nothing_e6(tools: Tools) -> None:
    house = await open_house(tools)
    await house.appointed("CCC", name="王小明", serial=1)
    await house.appointed("CCC", name="李红", serial=2)
    check_id = await begun(house)
    rows = [
        ("孙丽", "sunli", LABORATORY),
        ("钱伟", "qw", "没有这个研究院"),
        ("赵", "twice", LABORATORY),
        ("赵二", "twice", LABORATORY),
        ("张冠", factories.identity_number(1), LABORATORY),
        ("", "x", LABORATORY),
    ]
    tried = await listed(house, check_id, *rows, dry_run=True)
    assert (tried.new, tried.changed, tried.faulty_rows) == (1, 1, 5)
    assert "孙丽" not in await people(house, check_id)
    await listed(house, check_id, *rows)
    now = await people(house, check_id)
    # 李红 is not in the list of her laboratory; the faulty row says nothing about 王小明's login.
    assert {name: one.has_login for name, one in now.items()} == {"孙丽": True, "李红": False, "王小明": True}
    again = await listed(house, check_id, *rows)
    assert (again.new, again.changed, again.same) == (0, 0, 1)
    async with tools.unit_of_work() as work:
        assert await RosterService(work).logins_template(house.officer("laboratory"), check_id)


async def test_each_laboratory_answers_for_its_own_people_only_b9_e6(tools: Tools) -> None:
    house = await open_house(tools)
    await house.appointed("CCC", name="王小明", serial=1)
    check_id = await begun(house)
    assert list(await people(house, check_id, "laboratory")) == ["王小明"]
    assert await people(house, check_id, "other") == {}
    entry = (await people(house, check_id))["王小明"]
    async with tools.unit_of_work() as work:
        service = RosterService(work)
        for where in ("other", "sub_centre", "training"):
            with pytest.raises(NotFoundError):
                await RosterAnswers(work).answer(house.officer(where), entry.id, still_there=False)
        with pytest.raises(ForbiddenError):
            await service.begin(house.officer("laboratory"), title="x", due_on=date(2026, 12, 30))
        with pytest.raises(ForbiddenError):
            await service.import_logins(house.officer("laboratory"), check_id, "x.csv", b"x", dry_run=True)
        with pytest.raises(ServiceError, match=r"roster\.due_on"):
            await service.begin(house.officer("training"), title="x", due_on=date(2026, 11, 21))
        stranger = await factories.organisation(work, "某个促进会", "association")
        with pytest.raises(NotFoundError):
            await service.show(factories.staff_actor(stranger.id), check_id)
        assert await service.list_lines(factories.staff_actor(stranger.id)) == ()
