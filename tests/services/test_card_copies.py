"""A card is printed anew under its number, renewed before its last day, and follows a changed name (D7, D9, E8)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from services.cards import CancellationService, CardRegister, CardService, CardView, CopyCause, CopyService
from services.cards.expiring import remind_expiring
from services.certificates import CertificateService
from services.certificates.verification import Verdict, VerificationService
from services.changes import ChangeDesk, ChangeService
from services.errors import ConflictError, ForbiddenError, NotFoundError
from services.keys.places import VoidCopies
from services.models import Actor, EnrolmentState
from services.notices.catalogue import NOTICES, render_text
from services.unit_of_work import Tools, Work
from storage.card_states import CardState
from storage.tables import AuditEntry, Card, Enrolment, OutboxMessage
from tests import factories
from tests.conftest import FixedClock
from tests.services import card_stories
from tests.services import sichuan_stories as stories
from tests.services.sichuan_stories import Centres

WHY = "本人书面说明，身份证已核对"


async def handed(work: Work, at: Centres) -> CardView:
    card = await card_stories.numbered(work, at)
    await CardService(work).make(at.city_officer, [card.id])
    (card,) = await CardService(work).hand_out(at.city_officer, [card.id])
    return card


async def token_of(work: Work, card: CardView) -> str:
    assert card.certificate_id
    return (await CertificateService(work).link(card.certificate_id)).rpartition("/")[2]


async def seen(work: Work, token: str) -> Verdict:
    found = await VerificationService(work).by_token(token)
    assert found is not None
    return found


async def told(work: Work, notice: str) -> list[str]:
    rows = await work.session.scalars(
        select(OutboxMessage).where(OutboxMessage.notice == notice).order_by(OutboxMessage.due_at)
    )
    return [render_text(NOTICES[notice], row.facts) for row in rows]


async def test_a_lost_card_is_printed_anew_under_its_number_and_the_old_one_says_it_is_void_d9(
    tools: Tools,
) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        card = await card_stories.numbered(work, at)
        service = CopyService(work)
        with pytest.raises(ConflictError, match=r"card\.not_made"):
            await service.issue(at.city_officer, card.id, CopyCause.LOST, WHY)
        await CardService(work).make(at.city_officer, [card.id])
        old, code = await token_of(work, card), await CertificateService(work).code(card.certificate_id)  # type: ignore[arg-type]
        # Whoever enrolled the person may ask; the maker does it.
        with pytest.raises(ForbiddenError, match=r"card\.not_yours"):
            await service.issue(at.institution_officer, card.id, CopyCause.LOST, WHY)
        await service.propose(at.institution_officer, card.id, CopyCause.LOST, WHY)
        (wanted,) = (await CardRegister(work).list_lines(at.city_officer, state="wanted")).items
        assert (wanted.wanted_cause, wanted.wanted_by) == ("lost", "评老师")
        new = await service.issue(at.city_officer, card.id, CopyCause.LOST, WHY)
        assert (new.number, new.copy, new.state, new.valid_until, new.wanted_cause) == (
            card.number,
            2,
            CardState.NUMBERED,
            card.valid_until,
            "",
        )
        token = await token_of(work, new)
        assert token != old
        assert (await seen(work, old)).status == "void_copy"
        assert (await seen(work, token)).status == "valid"
        by_number = await VerificationService(work).by_number(card.number, code, source="10.0.0.9")
        assert by_number is not None
        assert by_number.status == "void_copy"
        assert "已按遗失补发，卡号不变，这是第 2 张" in (await told(work, "card_copied"))[0]
        # The new one goes its way, and its holder hears of it again.
        await CardService(work).make(at.city_officer, [card.id])
        assert len(await told(work, "card_made")) == 2
        (void,) = await service.void_copies(at.city_officer, card.id)
        assert (void.copy, void.reason) == (1, WHY)
        # Under new keys its QR still leads there.
        await VoidCopies().renew(work, void)
        await work.session.flush()
        assert (await seen(work, old)).status == "void_copy"
        await CancellationService(work).cancel(at.city_officer, card.id, "违规", "文号")
        assert (await seen(work, old)).status == "cancelled"
        with pytest.raises(ConflictError, match=r"card\.wrong_state"):
            await service.issue(at.city_officer, card.id, CopyCause.DAMAGED, WHY)


async def test_another_city_prints_nobody_s_card_anew_b9(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        card = await handed(work, at)
        other = await factories.organisation(work, "绵阳市职业技能鉴定指导中心", "city_centre")
        with pytest.raises(NotFoundError):
            await CopyService(work).issue(factories.staff_actor(other.id), card.id, CopyCause.LOST, WHY)


async def test_a_card_is_renewed_in_its_last_ninety_days_and_never_once_it_has_expired_d9(
    tools: Tools, clock: FixedClock
) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        card = await handed(work, at)
        assert (card.valid_until, card.renewal_opens_on) == (date(2029, 11, 20), date(2029, 8, 22))
        with pytest.raises(ConflictError, match=r"card\.renewal_early"):
            await CopyService(work).renew(at.city_officer, card.id, "复核合格")
        old = await token_of(work, card)
    clock.move(days=1050)
    async with tools.unit_of_work() as work:
        with pytest.raises(ForbiddenError):
            await CopyService(work).renew(at.province_officer, card.id, "复核合格")
        renewed = await CopyService(work).renew(at.city_officer, card.id, "复核合格")
        assert (renewed.number, renewed.valid_until) == (card.number, date(2032, 11, 20))
        assert (await seen(work, old)).status == "void_copy"
        assert (await seen(work, await token_of(work, renewed))).expires_on == date(2032, 11, 20)
        assert "已通过资格复核，有效期延长至2032年11月20日" in (await told(work, "card_copied"))[0]
    clock.move(days=1200)
    async with tools.unit_of_work() as work:
        for act in (
            CopyService(work).renew(at.city_officer, card.id, "复核合格"),
            CopyService(work).issue(at.city_officer, card.id, CopyCause.LOST, WHY),
        ):
            with pytest.raises(ConflictError, match=r"card\.expired"):
                await act


async def test_its_holder_is_reminded_before_the_last_day_each_time_once_d9(
    tools: Tools, clock: FixedClock
) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        card = await handed(work, at)
    assert card.valid_until
    due = []
    for left in (91, 90, 60, 30, 6):
        clock.moment += timedelta(days=(card.valid_until - clock.moment.date()).days - left)
        for _ in range(2):
            async with tools.unit_of_work() as work:
                due.append(await remind_expiring(work))
    assert due == [0, 0, *[1] * 8]
    async with tools.unit_of_work() as work:
        said = await told(work, "card_expiring")
    assert ["还有 90 天" in said[0], "还有 30 天" in said[1], "还有 6 天" in said[2]] == [True] * 3
    assert len(said) == 3
    assert "请在到期前回复 补办 申请资格复核，由成都市职业技能鉴定指导中心办理" in said[0]


async def test_a_changed_name_reaches_the_card_as_a_proposed_copy_e8(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        card = await handed(work, at)
        enrolment = await work.session.get_one(Enrolment, card.enrolment_id)
        service, who = ChangeService(work), Actor(kind="applicant", id="x", name="申请人")
        asked = await service.put(enrolment.follower_id, enrolment.id, "name", "王晓明", actor=who)
        assert asked.request_id is not None
        await work.session.flush()
        await service.explain(enrolment.follower_id, asked.request_id, "户籍登记已更正")
        await service.prove(enrolment.follower_id, asked.request_id, "media", account="sichuan")
        await service.file(enrolment.follower_id, asked.request_id, actor=who)
        while (await ChangeDesk(work).show(Actor.system("test"), asked.request_id)).line.state == "pending":
            await ChangeDesk(work).approve(Actor.system("test"), asked.request_id)
        (said,) = await told(work, "change_approved")
        assert "已转成都市职业技能鉴定指导中心换发（卡号不变）" in said
        flagged = await CardRegister(work).show(at.city_officer, card.id)
        assert (flagged.wanted_cause, flagged.name) == ("data_changed", "王晓明")
        assert card.certificate_id
        with pytest.raises(ConflictError, match=r"certificate\.is_card"):
            await CertificateService(work).replace(at.city_officer, card.certificate_id, "更名")
        new = await CopyService(work).issue(at.city_officer, card.id, CopyCause.DATA_CHANGED, "更名")
        assert (await seen(work, await token_of(work, new))).name_masked == "王*明"
        with pytest.raises(ConflictError, match=r"card\.nothing_changed"):
            await CopyService(work).issue(at.city_officer, card.id, CopyCause.DATA_CHANGED, "更名")


async def test_cancelled_for_ever_ends_what_is_under_way_at_once_with_the_reason_d9(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        card = await handed(work, at)
        person_id = await work.session.scalar(select(Card.person_id))
        under_way = {
            scheme_id: await stories.applicant(work, at.institution, scheme_id=scheme_id, state=state)
            for scheme_id, state in (
                ("sichuan-senior-examiner", EnrolmentState.IN_REVIEW),
                ("sichuan-special-examiner", EnrolmentState.ADMITTED),
                ("sichuan-supervisor", EnrolmentState.ADMITTED),
            )
        }
        for row in under_way.values():
            row.person_id = person_id
        entry = await CancellationService(work).propose_for_ever(
            at.city_officer, card.id, "弄虚作假", "川人社职鉴〔2026〕9号"
        )
        assert under_way["sichuan-special-examiner"].state == EnrolmentState.ADMITTED
        await CancellationService(work).confirm(at.province_officer, entry.id)
        # 督导 is another family.
        assert {key: row.state for key, row in under_way.items()} == {
            "sichuan-senior-examiner": EnrolmentState.REJECTED,
            "sichuan-special-examiner": EnrolmentState.REJECTED,
            "sichuan-supervisor": EnrolmentState.ADMITTED,
        }
        said = await told(work, "rejected")
        assert len(said) == 2
        assert "资格已被永久取消，不予受理。原因：弄虚作假" in said[0]
        logged = await work.session.scalar(
            select(func.count()).where(AuditEntry.action == "enrolment.rejected")
        )
        assert logged == 2
