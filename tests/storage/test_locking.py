"""A row that is locked is seen as it is then, not as it was when the same unit of work first read it."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from services.enrolments.review import ReviewService
from services.errors import ConflictError
from services.models import ClassState, EnrolmentState, SittingState
from services.unit_of_work import Tools, Work
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.exams import SittingRepository
from storage.repositories.study import ClassRepository
from storage.tables import CourseClass, Enrolment, Sitting
from tests import factories
from tests.services.exam_stories import House, open_house


@pytest.fixture
async def house(tools: Tools) -> House:
    return await open_house(tools)


async def _locked_after_a_change(
    tools: Tools, table: Any, row_id: UUID, state: str, lock: Callable[[Work], Awaitable[Any]]
) -> str:
    """The state that is seen when the row was read, changed by somebody else, and then locked."""
    async with tools.unit_of_work() as work:
        await work.session.get_one(table, row_id)
        async with tools.unit_of_work() as other:
            (await other.session.get_one(table, row_id)).state = state
        seen: str = (await lock(work)).state
        return seen


async def test_a_sitting_cancelled_meanwhile_is_seen_as_cancelled(house: House, tools: Tools) -> None:
    one = await house.sitting()

    async def by_id(work: Work) -> Any:
        return await SittingRepository(work.session).find(one.id, for_update=True)

    async def by_code(work: Work) -> Any:
        return await SittingRepository(work.session).find_by_code(one.code, for_update=True)

    cancelled = SittingState.CANCELLED
    assert await _locked_after_a_change(tools, Sitting, one.id, cancelled, by_id) == cancelled
    assert await _locked_after_a_change(tools, Sitting, one.id, SittingState.OPEN, by_code) == "open"


async def test_a_class_closed_meanwhile_is_seen_as_closed(house: House, tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        class_id = (await factories.course_class(work, organisation=house.organisation)).id

    async def lock(work: Work) -> Any:
        return await ClassRepository(work.session).find(class_id, for_update=True)

    assert await _locked_after_a_change(tools, CourseClass, class_id, ClassState.CLOSED, lock) == "closed"


async def test_an_enrolment_admitted_meanwhile_is_seen_as_admitted(house: House, tools: Tools) -> None:
    who = await house.candidate(state=EnrolmentState.IN_REVIEW)

    async def lock(work: Work) -> Any:
        return await EnrolmentRepository(work.session).get(who.enrolment_id, for_update=True)

    state = EnrolmentState.ADMITTED
    assert await _locked_after_a_change(tools, Enrolment, who.enrolment_id, state, lock) == "admitted"


async def test_an_officer_is_told_when_another_decided_between_finding_and_approving(
    house: House, tools: Tools
) -> None:
    who = await house.candidate(state=EnrolmentState.IN_REVIEW)
    async with tools.unit_of_work() as work:
        found = await ReviewService(work).find_by_number(house.officer, who.number)
        async with tools.unit_of_work() as other:
            await ReviewService(other).reject(house.officer, who.enrolment_id, "照片不是本人")
        with pytest.raises(ConflictError) as refusal:
            await ReviewService(work).approve(house.officer, found)
    assert refusal.value.code == "enrolment.not_in_review"
