"""A paper of several pictures before its reviewer: each is shown, one of them is sent back (D6)."""

import uuid

from sqlalchemy import select

from services.models import DocumentState, EnrolmentState
from services.unit_of_work import Tools
from storage.tables import Document, Organisation
from tests import factories

from .conftest import Browser


async def test_one_of_two_pictures_is_sent_back_and_the_other_stays_d6(
    tools: Tools, home: uuid.UUID, officer: Browser
) -> None:
    async with tools.unit_of_work() as work:
        organisation = await work.session.get_one(Organisation, home)
        row = await factories.enrolment(
            work,
            organisation=organisation,
            follower=await factories.follower(work, account="sichuan"),
            scheme_id="sichuan-special-examiner",
            state=EnrolmentState.IN_REVIEW,
            grounds='["practice"]',
            channel="provincial",
        )
        for place in (1, 2):
            work.session.add(
                Document(
                    enrolment_id=row.id,
                    material_key="practice_proof",
                    ordinal=place,
                    state=DocumentState.UPLOADED,
                    created_at=work.now,
                )
            )
    page = await officer.open(f"/enrolments/{row.id}")
    assert "从业经历证明材料（第1张）" in page
    assert "从业经历证明材料（第2张）" in page
    assert page.count('name="pick" value="practice_proof"') == 1
    form = {"pick": "practice_proof", "reason.practice_proof": "第2张看不清公章", "file.practice_proof": "2"}
    assert "已退回" in await officer.send(f"/enrolments/{row.id}/return", form)
    async with tools.unit_of_work() as work:
        states = (await work.session.scalars(select(Document.state).order_by(Document.ordinal))).all()
    assert states == [DocumentState.UPLOADED, DocumentState.REFUSED]
