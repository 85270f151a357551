"""B9: what belongs to one organisation is not there for the staff of another, whichever address they type."""

import uuid
from collections.abc import Awaitable, Callable

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from services.certificates import CertificateService
from services.models import StaffRole
from services.unit_of_work import Tools
from storage.tables import Base, Document, Organisation, Payment, Seat
from tests import attendance_stories, certificate_rows, factories, sub_centres
from tests.appointment_stories import one_of_each
from tests.conftest import FixedClock
from tests.handlers.console.conftest import Browser
from tests.services import (
    appeal_stories,
    blacklist_stories,
    broadcast_stories,
    card_stories,
    erasure_stories,
    retention_stories,
    undecided_stories,
)
from tests.services.exam_stories import open_house

#: Enough of every form that it is the organisation that refuses.
FORM = {
    "reason": "核对",
    "field": "mobile",
    "pick": "mobile",
    "reason.mobile": "打不通",
    "paid": "180",
    "remark": "人员能力验证费",
    "hours": "1",
    "day": "2026-12-26",
    "starts": "09:00",
    "day_kind": "theory",
    "title": "长度计量基础",
    "instrument": "外径千分尺",
    "process": "测量量块",
    "result": "合格",
    "ends": "10:00",
    "place": "线上",
    "capacity": "9",
    "form": "online",
    "fields": "CCC",
    "mark": "合格",
    "period": "2026年度",
    "decision": "keep",
    "name": "李红",
    "still_there": "yes",
    "settlement": "purged",
    "kind": "other",
    "cause": "agents",
    "found_on": "2026-11-01",
    "visited_on": "2026-11-01",
    "agreed_on": "2026-11-01",
    "premises_m2": "40",
    "answer": "已核对",
    "score": "60",
    "note": "漏计",
    "outcome": "upheld",
    "seats": "20",
    "stations": "7",
    "dedicated_staff": "1",
}


@pytest.fixture
async def ids(tools: Tools, clock: FixedClock) -> dict[str, uuid.UUID]:
    """One of everything that an address can name, of the first organisation."""
    house = await open_house(tools)
    sitting = await house.sitting()
    who = await house.candidate()
    await house.book(who, sitting.id)
    async with tools.unit_of_work() as work:
        course = await factories.course_class(work, organisation=house.organisation)
        passed, officer = await certificate_rows.passed(work, identity_number=factories.identity_number(7))
        certificate = await CertificateService(work).issue(officer, passed.id)
        payment = await work.session.scalar(select(Payment.id))
        seat = await work.session.scalar(select(Seat.id))
        document = await work.session.scalar(select(Document.id))
        cards = await card_stories.one_of_each(work)
        assert payment
        assert seat
        assert document
        life = await sub_centres.one_of_each(work)
        undecided = await undecided_stories.one_of_each(
            work, await work.session.get_one(Organisation, house.organisation.id)
        )
    cqc = await one_of_each(tools)
    return {
        **cqc,
        **await blacklist_stories.one_of_each(tools),
        **await retention_stories.one_of_each(tools),
        **await erasure_stories.one_of_each(tools),
        **life,
        **undecided,
        **await attendance_stories.one_of_each(tools),
        **cards,
        **await broadcast_stories.one_of_each(tools),
        "enrolments": who.enrolment_id,
        "documents": document,
        "payments": payment,
        "classes": course.id,
        "sittings": sitting.id,
        "seats": seat,
        "certificates": certificate.id,
        "organisations": house.organisation.id,
        # Last: the clock is after the exam then.
        **await appeal_stories.one_of_each(tools, clock),
    }


async def test_no_address_of_the_console_opens_or_changes_what_is_another_organisations_b9(
    tools: Tools,
    console: TestServer,
    ids: dict[str, uuid.UUID],
    browsers: Callable[..., Awaitable[Browser]],
) -> None:
    async with tools.unit_of_work() as work:
        other = Organisation(kind="association", name="第二家", created_at=work.now)
        work.session.add(other)
        await work.session.flush()
        sitting = await certificate_rows.sitting(work, other, "QSO-OTHER")
        course = await factories.course_class(work, organisation=other, code="QSO-OTHER")
    officer = await browsers(StaffRole.OFFICER, other.id)
    token = await officer.token()
    before = await _counts(tools)
    form = {
        **FORM,
        "enrolment": str(ids["enrolments"]),
        "sitting": str(sitting.id),
        "class": str(course.id),
        "csrf_token": token,
    }
    tried = 0
    for route in _routes(console):
        method, pattern = route
        room = pattern.split("/")[2]
        path = pattern.replace("{id}", str(ids[room]))
        for change in ("suspend", "restore", "revoke", "replace") if "{change" in path else ("revoke",):
            address = path.replace("{change}", change).replace("{decision}", change)
            response = await officer.client.request(
                method, address, data=form if method == "POST" else None, allow_redirects=False
            )
            assert response.status == 404, (method, address, response.status)
            tried += 1
    assert tried > 25
    assert await _counts(tools) == before


def _routes(console: TestServer) -> list[tuple[str, str]]:
    """Method and path of everything in the console that names something by its id."""
    application = console.app
    found = set()
    for resource in application.router.resources():
        for route in resource:
            path = route.resource.canonical if route.resource else ""
            if "{id}" in path and route.method in ("GET", "POST"):
                found.add((route.method, path))
    assert found
    return sorted(found)


async def _counts(tools: Tools) -> dict[str, int]:
    """How many rows each table has that a change would be written to."""
    async with tools.unit_of_work() as work:
        return {
            name: len((await work.session.execute(select(Base.metadata.tables[name]))).all())
            for name in (
                "audit_log",
                "outbox",
                "seats",
                "certificates",
                "payments",
                "study_records",
                "class_days",
                "sign_ins",
            )
        }
