"""The blacklist: two people, heard first, five years, shared by all sub-centres, nothing of it for the others (C7)."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from services import keys
from services.blacklist import BlacklistService, HearingService, bars
from services.certificates import CertificateService
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import Actor, BlacklistState, EnrolmentState, StaffRole
from services.notices.catalogue import NOTICES, render_text
from services.rules.errors import InvalidValueError
from services.unit_of_work import Tools
from storage.crypto import Keyring
from storage.files import open_files
from storage.tables import AuditEntry, BlacklistEntry, BlacklistStatement, Enrolment, OutboxMessage
from tests import certificate_rows, factories
from tests.conftest import SECRET, FixedClock
from tests.services.blacklist_stories import CHARGE, SubCentres, open_house

NUMBER = factories.identity_number(7)


@pytest.fixture
async def centres(tools: Tools) -> SubCentres:
    return await open_house(tools)


async def told(tools: Tools, notice: str) -> list[str]:
    async with tools.unit_of_work() as work:
        rows = await work.session.scalars(select(OutboxMessage).where(OutboxMessage.notice == notice))
        return [render_text(NOTICES[notice], row.facts) for row in rows]


async def test_who_is_proposed_is_told_what_is_alleged_and_until_when_to_answer_c7(
    centres: SubCentres,
) -> None:
    await centres.proposed(await centres.candidate())
    (said,) = await told(centres.tools, "blacklist_hearing")
    assert "提供虚假学历。毕业证编号 105111200805000001 在学信网查无此人" in said
    assert "2026年12月1日（含当日）前陈述：回复 陈述" in said
    assert NUMBER not in said


async def test_nobody_is_barred_before_the_hearing_is_over_read_and_confirmed_by_another_c7(
    centres: SubCentres, clock: FixedClock
) -> None:
    enrolment = await centres.candidate()
    entry_id = await centres.proposed(enrolment)

    async def refused(actor: Actor, code: str) -> None:
        with pytest.raises(ServiceError, match=code):
            async with centres.tools.unit_of_work() as work:
                await BlacklistService(work).confirm(actor, entry_id, "查证属实")

    await refused(centres.second, "blacklist.hearing_open")
    clock.move(days=10)
    await refused(centres.second, "blacklist.hearing_open")
    async with centres.tools.unit_of_work() as work:
        await HearingService(work).say(
            enrolment.follower_id,
            "证书编号我写错了一位",
            actor=Actor(kind="applicant", id="x", name="申请人"),
        )
    clock.move(days=1)
    await refused(centres.second, "blacklist.not_delivered")
    await centres.arrived()
    await refused(centres.second, "blacklist.not_read")
    async with centres.tools.unit_of_work() as work:
        seen = await BlacklistService(work).show(centres.second, entry_id)
    assert [one.text for one in seen.statements] == ["证书编号我写错了一位"]
    assert (seen.obstacle, seen.identity_masked) == ("", f"{NUMBER[:3]}***********{NUMBER[-4:]}")
    await refused(centres.first, "blacklist.same_person")
    async with centres.tools.unit_of_work() as work:
        viewer = replace(centres.second, role=StaffRole.VIEWER)
        with pytest.raises(ForbiddenError):
            await BlacklistService(work).confirm(viewer, entry_id, "查证属实")
    done = await centres.confirmed(entry_id)
    assert (done.line.state, str(done.line.starts_on), str(done.line.last_on)) == (
        BlacklistState.CONFIRMED, "2026-12-02", "2031-12-02",
    )  # fmt: skip
    async with centres.tools.unit_of_work() as work:
        blocked = await work.session.get_one(Enrolment, enrolment.id)
        assert (blocked.state, blocked.decision_reason) == (EnrolmentState.BLOCKED, "已列入黑名单，不予受理")
    (said,) = await told(centres.tools, "blacklist_confirmed")
    assert "2026年12月2日至2031年12月2日（含当日）" in said
    assert "回复 陈述 写明理由" in said


async def test_the_society_may_confirm_what_a_sub_centre_proposed_c7(
    centres: SubCentres, clock: FixedClock
) -> None:
    entry_id = await centres.proposed(await centres.candidate())
    await centres.arrived()
    clock.move(days=11)
    assert (await centres.confirmed(entry_id, centres.society)).decided_by == "学会张老师"


async def test_who_cannot_be_written_to_is_told_on_paper_and_the_days_begin_then_c7(
    centres: SubCentres, clock: FixedClock
) -> None:
    async with centres.tools.unit_of_work() as work:
        with pytest.raises(ServiceError, match=r"blacklist\.no_evidence"):
            await BlacklistService(work).propose_by_number(
                centres.first, "metrology", NUMBER, "王小明", replace(CHARGE, papers="")
            )
    async with centres.tools.unit_of_work() as work:
        found = await BlacklistService(work).propose_by_number(
            centres.first, "metrology", NUMBER, "王小明", CHARGE
        )
        entry_id = found.line.id
        assert found.obstacle == "blacklist.not_told"
    clock.move(days=3)
    async with centres.tools.unit_of_work() as work:
        day = clock.now().date()
        await BlacklistService(work).serve(centres.first, entry_id, day)
        await HearingService(work).take_paper(centres.first, entry_id, "书面陈述：本人确有学历", ())
    clock.move(days=11)
    assert str((await centres.confirmed(entry_id)).line.heard_until) == "2026-12-04"


async def test_five_years_end_by_themselves_and_the_history_stays_c7(
    centres: SubCentres, clock: FixedClock
) -> None:
    entry_id = await centres.barred()
    async with centres.tools.unit_of_work() as work:
        bar = await BlacklistService(work).check(centres.other, "metrology", NUMBER)
        assert bar is not None
        assert (str(bar.until), bar.organisation) == ("2031-12-02", "贵州计量分中心")
    clock.move(days=5 * 365 + 2)
    async with centres.tools.unit_of_work() as work:
        assert await BlacklistService(work).check(centres.other, "metrology", NUMBER) is None
        kept = await BlacklistService(work).show(centres.second, entry_id)
    assert (kept.line.expired, kept.line.state) == (True, BlacklistState.CONFIRMED)
    assert {"blacklist.proposed", "blacklist.confirmed", "blacklist.viewed"} <= {
        line.action for line in kept.history
    }


async def test_it_is_lifted_by_two_with_a_reason_c7(centres: SubCentres) -> None:
    entry_id = await centres.barred()
    tools = centres.tools
    async with tools.unit_of_work() as work:
        with pytest.raises(InvalidValueError, match=r"words\.empty"):
            await BlacklistService(work).propose_lift(centres.second, entry_id, " ")
    async with tools.unit_of_work() as work:
        await BlacklistService(work).propose_lift(centres.second, entry_id, "学校出具了更正证明")
    async with tools.unit_of_work() as work:
        with pytest.raises(ForbiddenError, match="same_person"):
            await BlacklistService(work).confirm_lift(centres.second, entry_id)
    async with tools.unit_of_work() as work:
        await BlacklistService(work).confirm_lift(centres.first, entry_id)
        assert await BlacklistService(work).check(centres.first, "metrology", NUMBER) is None
    (said,) = await told(tools, "blacklist_lifted")
    assert "学校出具了更正证明" in said


async def test_another_sub_centre_sees_only_that_somebody_is_barred_c7_b9(centres: SubCentres) -> None:
    entry_id = await centres.barred()
    elsewhere = await centres.candidate(elsewhere=True)
    async with centres.tools.unit_of_work() as work:
        service = BlacklistService(work)
        assert (await service.list_lines(centres.other)).items == ()
        assert len((await service.list_lines(centres.society)).items) == 1
        bar = await service.bar_of_enrolment(elsewhere.id)
        assert bar is not None
        assert not await service.may_read(centres.other, entry_id)
        verbs: list[Callable[[], Awaitable[object]]] = [
            lambda: service.show(centres.other, entry_id),
            lambda: service.confirm(centres.other, entry_id, "查证属实"),
            lambda: service.propose_lift(centres.other, entry_id, "不属实"),
        ]
        for verb in verbs:
            with pytest.raises(NotFoundError):
                await verb()
        stranger = factories.staff_actor((await factories.organisation(work)).id)
        with pytest.raises(NotFoundError):
            await service.check(stranger, "metrology", NUMBER)


async def test_no_certificate_is_issued_to_who_is_barred_c7(centres: SubCentres) -> None:
    admitted = await centres.candidate(state=EnrolmentState.ADMITTED)
    await centres.barred(scheme_id="metrology-thermal-4")
    async with centres.tools.unit_of_work() as work:
        organisation = await factories.organisation(work, "场地")
        sitting = await certificate_rows.sitting(work, organisation)
        enrolment = await work.session.get_one(Enrolment, admitted.id)
        await certificate_rows.result(work, enrolment, sitting)
        with pytest.raises(ConflictError, match=r"blacklist\.barred"):
            await CertificateService(work).issue(centres.society, admitted.id)
        (waiting,) = await CertificateService(work).unissued_of_sitting(centres.society, sitting.id)
        assert waiting.problem == "blacklist.barred"


async def test_after_a_rotation_the_new_key_alone_finds_who_is_barred_c7(
    centres: SubCentres, tmp_path: Path
) -> None:
    await centres.barred()
    tools = centres.tools
    async with tools.unit_of_work() as work:
        number = (await work.session.scalars(select(BlacklistEntry.number))).one()
    new = "another-secret-for-tests-only-9876543210-zyxwv"

    def with_keys(*secrets: str) -> Tools:
        keyring = Keyring(secrets)
        return replace(tools, keyring=keyring, files=open_files(str(tmp_path / "files"), keyring))

    both = with_keys(new, SECRET)
    async with both.unit_of_work() as work:
        assert await BlacklistService(work).check(centres.other, "metrology", NUMBER) is not None
    counts = {count.place: count for count in await keys.rotate(both, Actor.system("keys"))}
    assert (counts["blacklist"].renewed, counts["blacklist"].left) == (1, 0)
    async with with_keys(new).unit_of_work() as work:
        found = await BlacklistService(work).check(centres.other, "metrology", NUMBER)
        assert found is not None
        assert number >= 101


async def test_the_list_itself_holds_no_number_and_no_log_does_c7(centres: SubCentres) -> None:
    enrolment = await centres.candidate()
    entry_id = await centres.proposed(enrolment)
    async with centres.tools.unit_of_work() as work:
        await HearingService(work).say(
            enrolment.follower_id, f"我的号码是{NUMBER}", actor=Actor(kind="applicant", id="x", name="申请人")
        )
    async with centres.tools.unit_of_work() as work:
        entry = await work.session.get_one(BlacklistEntry, entry_id)
        said = (await work.session.scalars(select(BlacklistStatement))).one()
        logged = (await work.session.scalars(select(AuditEntry))).all()
        rows = [entry.__dict__, said.__dict__, *(line.__dict__ for line in logged)]
        assert not any(NUMBER in str(row) for row in rows)
        assert entry.identity_digest == centres.tools.keyring.digest(NUMBER, context=bars.DIGEST_CONTEXT)
