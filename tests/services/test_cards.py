"""Cards 证卡: reported by 市, numbered by 省, made and handed out; found by strangers, printed, taken away (D7, D9)."""

import re
from datetime import date, timedelta
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import select, update

from services.cards import CancellationService, CardRegister, CardService
from services.cards.bars import ensure_not_barred
from services.certificates import CertificateService
from services.certificates.verification import VerificationService
from services.enrolments.submitting import SubmittingService
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import EnrolmentState
from services.notices import NOTICES
from services.notices.catalogue import render_fields, render_text
from services.typesetting.card import CardSheet, render_card_png, render_cards_pdf
from services.unit_of_work import Tools, Work
from storage.card_states import CancellationState, CardState
from storage.tables import AuditEntry, Card, Enrolment, Organisation, OutboxMessage
from tests import certificate_rows, factories
from tests.conftest import FixedClock
from tests.services import card_stories
from tests.services import sichuan_stories as stories


async def told(work: Work, notice: str) -> list[OutboxMessage]:
    rows = await work.session.scalars(select(OutboxMessage).where(OutboxMessage.notice == notice))
    return list(rows)


async def test_the_city_reports_who_passed_the_province_numbers_and_the_city_makes_the_card_d7(
    tools: Tools,
) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        row = await stories.passed(work, at.institution)
        failed = await stories.applicant(work, at.institution, state=EnrolmentState.CONCLUDED, name="没过")
        service = CardService(work)
        assert [one.number for one in await service.waiting(at.city_officer)] == [row.number]
        assert await service.waiting(at.institution_officer) == ()
        with pytest.raises(ConflictError, match=r"card\.not_passed"):
            await service.report(at.city_officer, [row.id, failed.id])
        with pytest.raises(NotFoundError):
            await service.report(at.institution_officer, [row.id])
        (card,) = await service.report(at.city_officer, [row.id])
        assert (card.state, card.number, card.occupations) == (
            CardState.AWAITING_NUMBER,
            "",
            ("电工", "焊工"),
        )
        with pytest.raises(ForbiddenError, match=r"card\.not_yours"):
            await service.number(at.city_officer, [card.id])
        (card,) = await service.number(at.province_officer, [card.id])
        assert card.number.startswith("SCKP2026000001")
        assert (card.valid_from, card.valid_until) == (date(2026, 11, 21), date(2029, 11, 20))
        with pytest.raises(ForbiddenError, match=r"card\.not_yours"):
            await service.make(at.province_officer, [card.id])
        await service.make(at.city_officer, [card.id])
        (card,) = await service.hand_out(at.city_officer, [card.id])
        assert card.state is CardState.HANDED_OUT
        (made,) = await told(work, "card_made")
        assert "由成都市职业技能鉴定指导中心发放" in render_text(NOTICES["card_made"], made.facts)
        actions = await work.session.scalars(
            select(AuditEntry.action).where(AuditEntry.subject_kind == "card").order_by(AuditEntry.id)
        )
        assert list(actions) == ["card.reported", "card.numbered", "card.made", "card.handed_out"]


async def test_the_province_makes_the_cards_of_its_own_people_d2_d7(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        own = await factories.organisation(work, "省属评价机构", "institution")
        own.parent_id = at.province.id
        row = await stories.passed(work, own, channel="provincial")
        service = CardService(work)
        assert [one.number for one in await service.waiting(at.province_officer)] == [row.number]
        assert await service.waiting(at.city_officer) == ()
        (card,) = await service.report(at.province_officer, [row.id])
        await service.number(at.province_officer, [card.id])
        (card,) = await service.make(at.province_officer, [card.id])
        assert card.made_by == card.numbered_by == "四川省职业技能鉴定指导中心"


async def test_numbers_run_in_the_order_of_the_report_and_none_is_given_twice_d7(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        rows = [await stories.passed(work, at.institution) for _ in range(3)]
        ids = await card_stories.reported(work, at.city_officer, [row.id for row in rows])
        cards = await CardService(work).number(at.province_officer, list(reversed(ids)))
        assert [card.number[:-1] for card in cards] == [f"SCKP2026{n:06d}" for n in (1, 2, 3)]
        assert [card.enrolment_number for card in cards] == [row.number for row in rows]
        with pytest.raises(ConflictError, match=r"card\.wrong_state"):
            await CardService(work).number(at.province_officer, ids[:1])


async def test_another_city_neither_sees_nor_prints_a_card_b9(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        card = await card_stories.numbered(work, at)
        other = factories.staff_actor(
            (await factories.organisation(work, "绵阳市职业技能鉴定指导中心", "city_centre")).id
        )
        register = CardRegister(work)
        assert (await register.list_lines(other)).total == 0
        for act in (register.show(other, card.id), CardService(work).print_sheet(other, [card.id])):
            with pytest.raises(NotFoundError):
                await act
        assert (await register.list_lines(at.institution_officer)).items[0].identity_masked.count("*") > 8


async def test_a_stranger_verifies_a_card_and_a_cancelled_one_is_cancelled_at_once_d9(
    tools: Tools,
) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        card = await card_stories.numbered(work, at)
        assert card.certificate_id
        link = await CertificateService(work).link(card.certificate_id)
        token = link.rpartition("/")[2]
        verdict = await VerificationService(work).by_token(token)
        assert verdict is not None
        assert (verdict.status, verdict.occupations, verdict.title) == (
            "valid", ("电工", "焊工"), "考评员证卡",
        )  # fmt: skip
        with pytest.raises(ConflictError, match=r"certificate\.is_card"):
            await CertificateService(work).revoke(at.city_officer, card.certificate_id, "误操作")
        cancelling = CancellationService(work)
        with pytest.raises(ServiceError, match=r"cancellation\.no_evidence"):
            await cancelling.cancel(at.city_officer, card.id, "违规考评", " ")
        await cancelling.cancel(at.city_officer, card.id, "违规考评", "成职鉴〔2026〕5号")
        verdict = await VerificationService(work).by_token(token)
        assert verdict is not None
        assert (verdict.status, verdict.reason) == ("cancelled", "")
        assert await VerificationService(work).revocations() == ()
        (notice,) = await told(work, "card_cancelled")
        text = render_text(NOTICES["card_cancelled"], notice.facts)
        assert "违规考评" in text
        assert "申诉" in text
        assert "不能再申请" not in text
        with pytest.raises(ConflictError, match=r"card\.wrong_state"):
            await cancelling.cancel(at.city_officer, card.id, "再来一次", "无")


async def test_for_ever_takes_two_people_and_bars_from_the_family_until_it_is_lifted_d9(
    tools: Tools,
) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        number = factories.identity_number(901)
        card = await card_stories.numbered(work, at, number=number)
        cancelling = CancellationService(work)
        entry = await cancelling.propose_for_ever(at.city_officer, card.id, "伪造考评记录", "调查报告第3号")
        assert (await CardRegister(work).show(at.city_officer, card.id)).state is CardState.NUMBERED
        with pytest.raises(ConflictError, match=r"cancellation\.open"):
            await cancelling.propose_for_ever(at.province_officer, card.id, "伪造", "报告")
        with pytest.raises(ForbiddenError, match=r"cancellation\.same_person"):
            await cancelling.confirm(at.city_officer, entry.id)
        await cancelling.confirm(at.province_officer, entry.id)
        assert (await CardRegister(work).show(at.city_officer, card.id)).state is CardState.CANCELLED_FOR_EVER
        with pytest.raises(ConflictError, match=r"card\.barred") as refused:
            await hand_in(work, at.institution, number)
        assert refused.value.facts["reason"] == "伪造考评记录"
        assert refused.value.facts["organisation"] == "成都市职业技能鉴定指导中心"
        person_id = (await work.session.scalars(select(Card.person_id))).one()
        # 考评 or 督导: the other qualification is another family.
        await ensure_not_barred(work, person_id, work.tools.schemes.current("sichuan-supervisor"))
        again = await stories.passed(work, at.institution, scheme_id="sichuan-senior-examiner", number=number)
        (waiting,) = await CardService(work).waiting(at.city_officer)
        assert waiting.problem == "card.barred_person"
        with pytest.raises(ConflictError, match=r"card\.barred_person"):
            await CardService(work).report(at.city_officer, [again.id])
        with pytest.raises(ForbiddenError, match=r"cancellation\.same_person"):
            await cancelling.lift(at.city_officer, entry.id, "异议成立")
        lifted = await cancelling.lift(at.province_officer, entry.id, "异议成立")
        assert lifted.state is CancellationState.LIFTED
        await work.session.execute(update(Enrolment).values(state=EnrolmentState.WITHDRAWN))
        await hand_in(work, at.institution, number)


async def hand_in(work: Work, organisation: Organisation, number: str) -> None:
    """A complete enrolment as 高级考评员 is handed in."""
    row = await stories.applicant(
        work, organisation, scheme_id="sichuan-senior-examiner", state=EnrolmentState.DRAFT, number=number,
        with_portrait=True, title_level="高级", examining_years="2", examining_times="5",
    )  # fmt: skip
    scheme = work.scheme(row.scheme_ref)
    row.agreed = [certificate_rows.consent_hash(consent.text) for consent in scheme.consents]
    for material in scheme.materials:
        if material.key != "portrait":
            work.session.add(certificate_rows.document(work, row.id, material.key))
    await work.session.flush()
    await SubmittingService(work).submit(
        row.id, follower_id=row.follower_id, actor=factories.staff_actor(organisation.id)
    )


async def test_a_proposal_that_the_second_person_declines_changes_nothing_d9(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        card = await card_stories.numbered(work, at)
        cancelling = CancellationService(work)
        entry = await cancelling.propose_for_ever(
            at.city_officer, card.id, "举报", "举报信", certificate_rows.portrait()
        )
        assert (await cancelling.file(at.province_officer, entry.id))[1] == "image/jpeg"
        await cancelling.decline(at.province_officer, entry.id, "证据不足")
        assert (await CardRegister(work).show(at.city_officer, card.id)).state is CardState.NUMBERED
        with pytest.raises(ServiceError, match=r"cancellation\.file"):
            await cancelling.cancel(at.city_officer, card.id, "举报", "举报信", b"MZ program")
        with pytest.raises(ForbiddenError, match=r"card\.not_yours"):
            await cancelling.cancel(at.institution_officer, card.id, "举报", "举报信")


async def test_a_card_is_expired_the_day_after_its_last_d9(tools: Tools, clock: FixedClock) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        card = await card_stories.numbered(work, at)
    assert card.valid_until
    for days, expired in ((0, False), (1, True)):
        clock.moment = clock.moment.replace(
            year=card.valid_until.year, month=card.valid_until.month, day=card.valid_until.day
        ) + timedelta(days=days)
        async with tools.unit_of_work() as work:
            page = await CardRegister(work).list_lines(at.city_officer, state="expired")
            assert bool(page.total) is expired
            assert (await CardRegister(work).show(at.city_officer, card.id)).expired is expired


async def test_a_printed_card_scans_and_a_sheet_holds_ten_d7(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        card = await card_stories.numbered(work, at, with_portrait=True)
        assert card.certificate_id
        link = await CertificateService(work).link(card.certificate_id)
        pdf = await CardService(work).print_sheet(at.city_officer, [card.id])
        assert pdf.startswith(b"%PDF-")
        picture = await CertificateService(work).png(card.certificate_id)
    sheet = CardSheet(
        title="考评员证卡", name="王小明", number=card.number, occupations=("电工",),
        valid_from=date(2026, 11, 21), valid_until=None, issuer="省", made_by="市", verification_url=link,
        verification_code="ABC123",
    )  # fmt: skip
    assert render_card_png(sheet).startswith(b"\x89PNG")
    eleven = render_cards_pdf([sheet] * 11, dated_on=date(2026, 11, 21))
    assert len(re.findall(rb"/Type */Page\b", eleven)) == 2
    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(picture)))
    assert found.text == link


@pytest.mark.parametrize(
    "notice",
    ["card_made", "card_cancelled", "card_cancellation_lifted", "assignment_drawn", "assignment_cancelled"],
)
def test_a_notice_about_a_card_fits_its_template_d9(notice: str) -> None:
    template = NOTICES[notice].template
    assert template is not None
    long = dict.fromkeys(
        ("scheme", "hint", "time", "place_short", "title", "reason"),
        "四川省技能人才评价专项职业能力考核考评员培训班",
    )
    assert all(len(value) <= 20 for value in render_fields(template, long).values())
