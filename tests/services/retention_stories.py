"""Enrolments that ended long ago, and reports of them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.models import EnrolmentState
from services.retention import report_due
from services.unit_of_work import Tools, Work
from storage.tables import Enrolment, Organisation, RetentionReport
from tests import certificate_rows, factories

#: Its material is due on 2026-11-20, the day before the tests' clock.
LONG_AGO = datetime(2016, 11, 20, 2, 0, tzinfo=UTC)


async def ended(work: Work, organisation: Organisation, at: datetime = LONG_AGO, **wanted: Any) -> Enrolment:
    """A refused enrolment with one picture, decided at this moment."""
    wanted.setdefault("state", EnrolmentState.REJECTED)
    row = await certificate_rows.enrolled(work, organisation, **wanted)
    row.decided_at = row.last_activity_at = at
    await work.session.flush()
    return row


async def reported(work: Work) -> RetentionReport:
    """What is due now, on a report."""
    await report_due(work)
    report = await work.session.scalar(
        select(RetentionReport).order_by(RetentionReport.number.desc()).limit(1)
    )
    assert report is not None
    return report


async def one_of_each(tools: Tools) -> dict[str, UUID]:
    """A report, for whoever types the addresses of another organisation."""
    async with tools.unit_of_work() as work:
        await ended(work, await factories.organisation(work, "早年的机构"))
        return {"retention": (await reported(work)).id}
