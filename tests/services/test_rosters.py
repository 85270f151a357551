"""Lists of people: from the queue's filter to an xlsx, nobody left out unseen, every export logged (D7, D8, B9)."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select

from services.errors import ConflictError, ForbiddenError, NotFoundError
from services.models import EnrolmentState, StaffRole
from services.rosters import RosterService, Wanted
from services.spreadsheets.workbook import read_first_sheet
from services.unit_of_work import Tools, Work
from storage.tables import AuditEntry
from tests import factories
from tests.services import sichuan_stories as stories

WAITING = frozenset({EnrolmentState.IN_REVIEW.value})
ANNEX_3 = Wanted(scheme_id="sichuan-examiner", list_key="annex3", states=WAITING)
ANNEX_5 = Wanted(scheme_id="sichuan-supervisor", list_key="annex5", states=WAITING)


@contextmanager
def counted(work: Work) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    engine = work.session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


async def test_annex_3_is_laid_out_as_the_source_does_with_numbers_as_text_d7(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        await stories.applicant(work, at.institution, number=factories.IDENTITY_NUMBER)
        await stories.applicant(work, at.institution, name="李四", employer="=1+1公司")
        made = await RosterService(work).export(at.institution_officer, ANNEX_3)
    sheet = read_first_sheet(made.content)
    assert sheet[0][0] == "四川省技能人才评价考评员资格培训（复核）汇总表"
    assert sheet[1][0] == "填报单位：成都某某评价机构（盖章）"
    assert sheet[2][6] == "现职业资格\n(专业技术职称)"
    assert sheet[3][:5] == [1.0, "成都某某评价机构", "王小明", "男", factories.IDENTITY_NUMBER]
    assert sheet[4][1] == "=1+1公司"
    assert str(sheet[5][0]).startswith("经办人：评老师")
    assert "2026年11月21日" in str(sheet[5][0])
    assert made.rows == 2


async def test_annex_5_keeps_the_birth_date_as_text_and_the_notes_of_the_source_d8(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        await stories.applicant(work, at.city, scheme_id="sichuan-supervisor")
        made = await RosterService(work).export(at.city_officer, ANNEX_5)
    sheet = read_first_sheet(made.content)
    assert sheet[0][0] == "技能人才评价质量督导员资格培训名册汇总表"
    assert len(sheet[1]) == 14
    assert sheet[2][4] == "1990-01-01"
    assert sheet[-1][0] == "4.每项信息均为必填项。"


async def test_an_incomplete_line_is_named_and_left_out_only_after_it_was_seen_d8(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        service = RosterService(work)
        lacking = await stories.applicant(
            work, at.city, scheme_id="sichuan-supervisor", name="李四", ethnicity="", email=""
        )
        await stories.applicant(work, at.city, scheme_id="sichuan-supervisor")
        preview = await service.preview(at.city_officer, ANNEX_5)
        assert [(one.number, one.name) for one in preview.refused] == [(lacking.number, "李四")]
        assert [lack.column for lack in preview.refused[0].lacks] == ["民族", "电子邮箱"]
        with pytest.raises(ConflictError, match=r"list\.incomplete"):
            await service.export(at.city_officer, ANNEX_5)
        made = await service.export(at.city_officer, ANNEX_5, seen=preview.seen)
        assert (made.rows, made.left_out) == (1, 1)
        # Somebody else became incomplete meanwhile: that was not seen.
        await stories.applicant(work, at.city, scheme_id="sichuan-supervisor", name="赵六", email="")
        with pytest.raises(ConflictError, match=r"list\.incomplete"):
            await service.export(at.city_officer, ANNEX_5, seen=preview.seen)
        entries = await work.session.scalars(select(AuditEntry).where(AuditEntry.action == "list.exported"))
        (entry,) = entries.all()
    assert (entry.after["rows"], entry.after["left_out"]) == (1, 1)
    assert "520101" not in str(entry.after)


async def test_a_list_holds_only_the_organisation_s_own_people_and_no_reader_exports_it_b9(
    tools: Tools,
) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        await stories.applicant(work, at.institution)
        other = await factories.organisation(work, "别的评价机构", "institution")
        service = RosterService(work)
        assert (await service.preview(factories.staff_actor(other.id), ANNEX_3)).complete == 0
        reader = factories.staff_actor(at.institution.id, StaffRole.VIEWER)
        with pytest.raises(ForbiddenError):
            await service.export(reader, ANNEX_3)
        with pytest.raises(NotFoundError, match=r"list\.not_found"):
            await service.preview(reader, Wanted(scheme_id="sichuan-examiner", list_key="x", states=WAITING))


async def test_a_list_of_many_costs_as_many_statements_as_a_list_of_one_d7(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        counts = []
        for people in (1, 20):
            for _ in range(people):
                await stories.applicant(work, at.institution)
            with counted(work) as sent:
                await RosterService(work).export(at.institution_officer, ANNEX_3)
            counts.append(len(sent))
    assert counts[0] == counts[1] <= 3
