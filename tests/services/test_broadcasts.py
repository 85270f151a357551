"""Broadcasts: who gets one, who approves it, and that nobody is lost or written to twice (issue 4, point 3; B9)."""

import io
from datetime import timedelta

import pytest
import xlsxwriter
from sqlalchemy import select

from services.broadcasts import (
    Audience,
    BroadcastKind,
    BroadcastService,
    BroadcastState,
    Content,
    ContentKind,
)
from services.broadcasts.audience import AudienceService
from services.broadcasts.models import Picture
from services.broadcasts.receipts import Counts, take_mass_receipt
from services.broadcasts.sending import ChunkService
from services.broadcasts.trying import TryingService
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import Actor, EnrolmentState, StaffRole
from services.ports import Reaction, SendOutcome
from services.staff import StaffService
from services.unit_of_work import Tools
from storage.states import DeliveryState
from storage.tables import AuditEntry, Enrolment, Follower, OutboxMessage
from tests import factories
from tests.conftest import FixedClock
from tests.scheduler.conftest import running, until
from tests.services.broadcast_stories import TEXT, a_draft, office

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


async def test_the_count_tells_who_matches_and_why_some_are_left_out_and_nobody_of_another_organisation_b9(
    tools: Tools,
) -> None:
    here, there = await office(tools), await office(tools, "第二家")
    await there.people(2)
    await here.people(3)
    await here.people(1, state=EnrolmentState.REJECTED)
    await here.people(1, region="四川省成都市武侯区")
    async with tools.unit_of_work() as work:
        (await here.person(work)).unfollowed_at = work.now

    async def count(**wanted: object) -> tuple[int, int, int]:
        async with tools.unit_of_work() as work:
            found = await AudienceService(work).count(
                here.author,
                "main",
                BroadcastKind.MASS,
                Audience(**wanted),
                broadcast_id=None,  # type: ignore[arg-type]
            )
            return found.matched, found.gone, found.recipients

    assert await count() == (6, 1, 5)
    assert await count(states=("rejected",)) == (1, 0, 1)
    assert await count(region="四川省成都市") == (1, 0, 1)
    assert await count(scheme_ids=("chief-quality-officer",)) == (0, 0, 0)
    assert await count(through_id=there.organisation.id) == (0, 0, 0)
    labelled = await here.draft(audience=Audience(region="四川省成都市"))
    assert await here.do("label", labelled, "成都") == 1
    async with tools.unit_of_work() as work:
        assert await AudienceService(work).tags(there.author) == []
    assert await count(tag="成都") == (1, 0, 1)


async def test_whoever_got_one_lately_or_four_this_month_is_left_out(tools: Tools, clock: FixedClock) -> None:
    here = await office(tools)
    await here.people(2)
    for _ in range(4):
        await here.started(audience=Audience(rest_days=0))
        await here.run()
    assert len(here.messenger.reached) == 8

    async def left_out(days: int, kind: BroadcastKind) -> tuple[int, int, int]:
        async with tools.unit_of_work() as work:
            found = await AudienceService(work).count(
                here.author, "main", kind, Audience(rest_days=days), broadcast_id=None
            )
            return found.recent, found.full, found.recipients

    assert await left_out(3, BroadcastKind.MASS) == (2, 0, 0)
    assert await left_out(0, BroadcastKind.MASS) == (0, 2, 0)
    assert await left_out(0, BroadcastKind.PERSONAL) == (0, 0, 2)
    clock.move(days=14)
    assert await left_out(3, BroadcastKind.MASS) == (0, 0, 2)


async def test_a_file_of_names_chooses_and_its_unknown_rows_are_told_b9(tools: Tools) -> None:
    here, there = await office(tools), await office(tools, "第二家")
    await here.people(3)
    await there.people(1)
    mine = await numbers_of(tools, here.organisation.id)
    (theirs,) = await numbers_of(tools, there.organisation.id)
    broadcast_id = await here.draft()
    table = f"报名号,身份证\n{mine[0]},\n{theirs},\n{mine[0]},\n,\n,52010319900101999X\n"
    report = await here.do("read_names", broadcast_id, "names.csv", table.encode())
    assert (report.rows, report.known) == (4, 1)
    assert report.unknown == ((3, "names.unknown"), (4, "names.twice"), (6, "names.unknown"))
    assert (await here.do("count", broadcast_id)).recipients == 1
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        workbook.add_worksheet().write_column(0, 0, ["报名号", *(str(number) for number in mine)])
    report = await here.do("read_names", broadcast_id, "names.xlsx", book.getvalue())
    assert (report.known, report.unknown) == (3, ())
    assert (await here.do("count", broadcast_id)).recipients == 3


async def numbers_of(tools: Tools, organisation_id: object) -> list[int]:
    async with tools.unit_of_work() as work:
        rows = await work.session.scalars(
            select(Enrolment.number)
            .where(Enrolment.organisation_id == organisation_id)
            .order_by(Enrolment.number)
        )
        return list(rows)


async def test_a_second_person_approves_one_hash_and_a_change_voids_it(tools: Tools) -> None:
    here = await office(tools)
    await here.people(2)
    broadcast_id = await here.draft()
    await here.do("submit", broadcast_id)
    one = await here.show(broadcast_id)
    assert (one.line.state, one.line.recipients, len(one.fingerprint)) == (BroadcastState.SUBMITTED, 2, 64)
    with pytest.raises(ForbiddenError, match="same_person"):
        await here.do("approve", broadcast_id, one.fingerprint)
    with pytest.raises(ConflictError, match="changed"):
        await here.do("approve", broadcast_id, "0" * 64, by=here.approver)
    await here.do("approve", broadcast_id, one.fingerprint, by=here.approver)
    # Who comes later is not among whom was approved.
    late = await here.people(1)
    await here.do("edit", broadcast_id, a_draft(content=Content(text="地点不变")))
    void = await here.show(broadcast_id)
    assert (void.line.state, void.fingerprint, void.approved_by) == (BroadcastState.DRAFT, "", "")
    with pytest.raises(ConflictError, match="wrong_state"):
        await here.do("start", broadcast_id)
    await here.do("submit", broadcast_id)
    again = await here.show(broadcast_id)
    assert again.fingerprint != one.fingerprint
    assert again.line.recipients == 2 + len(late)
    async with tools.unit_of_work() as work:
        actions = set(await work.session.scalars(select(AuditEntry.action)))
    assert {"broadcast.created", "broadcast.submitted", "broadcast.approved", "broadcast.edited"} <= actions


async def test_nobody_of_another_organisation_sees_or_touches_it_b9(tools: Tools) -> None:
    here, there = await office(tools), await office(tools, "第二家")
    broadcast_id = await here.draft()
    for verb in ("show", "submit", "start", "pause", "resume", "count", "retry"):
        with pytest.raises(NotFoundError):
            await there.do(verb, broadcast_id)
    async with tools.unit_of_work() as work:
        assert (await BroadcastService(work).list_lines(there.author)).items == ()


async def test_from_draft_to_report_everybody_gets_it_once_and_the_figures_are_wechats(
    tools: Tools, clock: FixedClock
) -> None:
    here = await office(tools)
    openids = await here.people(3)
    broadcast_id = await here.approved()
    due = clock.now() + timedelta(hours=1)
    await here.do("schedule", broadcast_id, due)
    async with tools.unit_of_work() as work:
        assert await BroadcastService(work).start_due() == 0
    clock.move(hours=1)
    # One of them leaves between the approval and the start.
    async with tools.unit_of_work() as work:
        gone = await work.session.scalar(select(Follower).where(Follower.openid == openids[0]))
        assert gone is not None
        gone.unfollowed_at = work.now
    async with tools.unit_of_work() as work:
        assert await BroadcastService(work).start_due() == 1
    await here.run(2)
    assert here.messenger.reached == sorted(openids[1:])
    ((client_msg_id, _, content),) = here.messenger.batches
    assert len(client_msg_id.encode()) <= 63
    assert content.text == TEXT
    one = await here.show(broadcast_id)
    assert one.line.state is BroadcastState.FINISHED
    assert (one.progress.taken, one.progress.skipped, one.progress.waiting) == (2, 1, 0)
    assert [(line.reason, line.count) for line in one.reasons] == [("gone", 1)]
    async with tools.unit_of_work() as work:
        await take_mass_receipt(
            work, "main", Counts(msgid="1000", status="send success", total=2, filtered=2, sent=1, errors=1)
        )
    one = await here.show(broadcast_id)
    (chunk,) = one.chunks
    assert (chunk.sent, chunk.errors, one.progress.delivered) == (1, 1, 2)


async def test_a_report_that_comes_before_our_own_commit_is_joined(tools: Tools) -> None:
    here = await office(tools)
    await here.people(2)
    broadcast_id = await here.started()
    async with tools.unit_of_work() as work:
        await take_mass_receipt(
            work, "main", Counts(msgid="1000", status="send success", total=2, filtered=2, sent=2, errors=0)
        )
    await here.run()
    assert (await here.show(broadcast_id)).chunks[0].sent == 2


async def test_a_killed_sender_is_followed_under_the_same_id_and_nobody_is_doubled(tools: Tools) -> None:
    here = await office(tools)
    openids = await here.people(3)
    broadcast_id = await here.started()
    # Killed after the send, before it was kept; and a second sender sees nothing to do meanwhile.
    async with tools.unit_of_work() as work:
        claim = await ChunkService(work).claim("killed")
    assert claim is not None
    async with tools.unit_of_work() as work:
        assert await ChunkService(work).claim("other") is None
    await here.loop("killed")._send(claim)
    await here.lapse()
    await here.run()
    assert here.messenger.reached == sorted(openids)
    one = await here.show(broadcast_id)
    assert (one.chunks[0].msgid, one.chunks[0].errcode, one.progress.taken) == ("1000", 45065, 3)
    # What the killed one would have written is fenced off.
    async with tools.unit_of_work() as work:
        assert await ChunkService(work).finish(claim, SendOutcome(reaction=Reaction.DEAD)) is None
    assert (await here.show(broadcast_id)).line.state is BroadcastState.FINISHED


@pytest.mark.parametrize("stop", ["pause", "cancel"])
async def test_after_a_pause_or_a_cancel_at_most_the_batch_on_its_way_leaves(
    tools: Tools, stop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.rules.broadcasting.MOST_OF_A_CHUNK", 2)
    here = await office(tools)
    await here.people(6)
    broadcast_id = await here.started()
    async with tools.unit_of_work() as work:
        claim = await ChunkService(work).claim("loop")
    assert claim is not None
    await here.do(stop, broadcast_id, "写错了时间")
    outcome = await here.loop()._send(claim)
    async with tools.unit_of_work() as work:
        await ChunkService(work).finish(claim, outcome)
    await here.run(3)
    assert len(here.messenger.reached) == 2
    one = await here.show(broadcast_id)
    if stop == "cancel":
        assert (one.line.state, one.progress.cancelled) == (BroadcastState.CANCELLED, 4)
        return
    assert (one.line.state, one.progress.waiting) == (BroadcastState.PAUSED, 4)
    await here.do("resume", broadcast_id)
    await here.run(3)
    assert len(set(here.messenger.reached)) == len(here.messenger.reached) == 6
    assert (await here.show(broadcast_id)).line.state is BroadcastState.FINISHED


async def test_without_quota_it_pauses_and_nobody_counts_as_written_to(tools: Tools) -> None:
    here = await office(tools)
    await here.people(2)
    broadcast_id = await here.started()
    here.messenger.answer("mass", Reaction.QUOTA_GONE, errcode=45028)
    await here.run(2)
    one = await here.show(broadcast_id)
    assert (one.line.state, one.progress.waiting) == (BroadcastState.PAUSED, 2)
    assert "45028" in one.reason
    await here.do("resume", broadcast_id)
    await here.run()
    assert len(here.messenger.reached) == 2


async def test_it_pauses_by_itself_when_more_than_five_in_a_hundred_fail_and_failures_are_tried_again(
    tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.rules.broadcasting.MOST_OF_A_CHUNK", 12)
    here = await office(tools)
    await here.people(36)
    broadcast_id = await here.started()
    await here.run()
    here.messenger.answer("mass", Reaction.DEAD, errcode=47001)
    await here.run(3)
    one = await here.show(broadcast_id)
    assert (one.line.state, one.progress.failed, one.progress.waiting) == (BroadcastState.PAUSED, 12, 12)
    assert [(line.errcode, line.count) for line in one.reasons] == [(47001, 12)]
    assert await here.do("retry", broadcast_id) == 12
    await here.do("resume", broadcast_id)
    await here.run(3)
    assert len(set(here.messenger.reached)) == len(here.messenger.reached) == 36
    assert (await here.show(broadcast_id)).line.state is BroadcastState.FINISHED


async def test_wechat_is_asked_when_its_report_never_comes(tools: Tools, clock: FixedClock) -> None:
    here = await office(tools)
    await here.people(2)
    broadcast_id = await here.started()
    await here.run(2)
    assert here.messenger.asked == []
    clock.move(minutes=31)
    here.messenger.status = "SENDING"
    await here.run(2)
    assert here.messenger.asked == ["1000"]
    assert (await here.show(broadcast_id)).chunks[0].state == "accepted"
    clock.move(hours=2)
    here.messenger.status = "SEND_SUCCESS"
    await here.run()
    assert (await here.show(broadcast_id)).progress.delivered == 2


async def test_an_article_is_uploaded_once_for_all_batches_and_anew_when_it_is_gone(
    tools: Tools, monkeypatch: pytest.MonkeyPatch, clock: FixedClock
) -> None:
    monkeypatch.setattr("services.rules.broadcasting.MOST_OF_A_CHUNK", 2)
    here = await office(tools)
    await here.people(4)
    article = Content(
        kind=ContentKind.ARTICLE, title="开班通知", digest="十二月班", text="一、时间\n二、地点"
    )
    with pytest.raises(ServiceError, match="no_picture"):
        await here.draft(content=article)
    broadcast_id = await here.started(content=article, picture=Picture(filename="a.png", content=PNG))
    await here.run()
    assert len(here.messenger.uploads) == 2
    here.messenger.answer("mass", Reaction.UPLOAD_AGAIN, errcode=40007)
    await here.run()
    clock.move(minutes=1)
    await here.run()
    assert len(here.messenger.uploads) == 4
    assert len(here.messenger.reached) == 4
    assert {content.kind for _, _, content in here.messenger.batches} == {"article"}
    assert (await here.show(broadcast_id)).line.state is BroadcastState.FINISHED


async def test_a_personal_message_is_one_row_in_the_outbox_for_each_with_their_own_fields(
    tools: Tools, clock: FixedClock
) -> None:
    here = await office(tools)
    await here.people(3)
    with pytest.raises(ServiceError, match="field"):
        await here.draft(kind=BroadcastKind.PERSONAL, content=Content(text="{性名}您好", short="请查收"))
    broadcast_id = await here.started(
        kind=BroadcastKind.PERSONAL, content=Content(text="{姓名}您好，报名号 {报名号}。", short="请查收")
    )
    await here.run()
    async with tools.unit_of_work() as work:
        rows = list(await work.session.scalars(select(OutboxMessage)))
        assert len({row.follower_id for row in rows}) == len(rows) == 3
        assert all("学员" not in str(row.facts) for row in rows)
        rows[0].state = DeliveryState.DELIVERED
    # A pause takes back what has not left; each goes on as another message.
    await here.do("pause", broadcast_id)
    one = await here.show(broadcast_id)
    assert (one.progress.delivered, one.progress.waiting) == (1, 2)
    await here.do("resume", broadcast_id)
    await here.run()
    async with tools.unit_of_work() as work:
        queued = list(
            await work.session.scalars(
                select(OutboxMessage).where(OutboxMessage.state == DeliveryState.QUEUED)
            )
        )
        assert len(queued) == 2
        for row in queued:
            row.state, row.errcode, row.errmsg = DeliveryState.FAILED, 43101, "no_channel"
    await here.run()
    one = await here.show(broadcast_id)
    assert (one.line.state, one.progress.failed, one.retriable) == (BroadcastState.FINISHED, 2, 2)


async def test_staff_show_their_own_wechat_by_a_code_that_holds_once_and_tests_go_there_alone(
    tools: Tools, clock: FixedClock
) -> None:
    here = await office(tools)
    await here.people(2)
    broadcast_id = await here.draft()
    async with tools.unit_of_work() as work:
        line = await StaffService(work).add(
            None,
            login="xie",
            name="谢老师",
            password="correct-horse-9",
            role=StaffRole.OFFICER,
            organisation_id=here.organisation.id,
        )
        own = await factories.follower(work)
    me = Actor(
        kind="staff",
        id=str(line.id),
        name="谢老师",
        organisation_id=here.organisation.id,
        role=here.author.role,
    )
    async with tools.unit_of_work() as work:
        with pytest.raises(ServiceError, match="not_bound"):
            await TryingService(work).test(me, broadcast_id)
        scene = await TryingService(work).offer(me, "main")
    async with tools.unit_of_work() as work:
        assert await TryingService(work).bind(scene, "main", own.id) == "谢老师"
    async with tools.unit_of_work() as work:
        with pytest.raises(NotFoundError, match="code_gone"):
            await TryingService(work).bind(scene, "main", own.id)
        await TryingService(work).test(me, broadcast_id)
    await here.run()
    assert [openid for openid, _ in here.messenger.previews] == [own.openid]
    assert [test.state for test in (await here.show(broadcast_id)).tests] == ["sent"]
    async with tools.unit_of_work() as work:
        late = await TryingService(work).offer(me, "main")
    clock.move(minutes=11)
    async with tools.unit_of_work() as work:
        with pytest.raises(NotFoundError, match="code_gone"):
            await TryingService(work).bind(late, "main", own.id)


async def test_a_large_audience_is_frozen_by_a_job_which_may_run_twice(
    tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.broadcasts.service.AT_ONCE", 1)
    here = await office(tools)
    await here.people(2)
    broadcast_id = await here.draft()
    await here.do("submit", broadcast_id)
    assert (await here.show(broadcast_id)).line.state is BroadcastState.FREEZING
    for _ in range(2):
        async with tools.unit_of_work() as work:
            await BroadcastService(work).freeze(broadcast_id)
    one = await here.show(broadcast_id)
    assert (one.line.state, one.progress.total) == (BroadcastState.SUBMITTED, 2)


async def test_a_personal_message_reaches_each_through_the_delivery_loop_and_who_has_no_channel_is_told(
    tools: Tools,
) -> None:
    here = await office(tools)
    async with tools.unit_of_work() as work:
        open_ = await here.person(work, name="王小明")
        open_.window_until, open_.window_left = work.now + timedelta(hours=48), 5
        await here.person(work, name="李红")
    broadcast_id = await here.started(
        kind=BroadcastKind.PERSONAL, content=Content(text="{姓名}您好，请查收。", short="请查收")
    )
    await here.run()
    async with running(tools, here.messenger, templates={}):
        await until(lambda: here.messenger.texts)
        await until(lambda: _none_queued(tools))
    assert here.messenger.texts == ["王小明您好，请查收。"]
    await here.run()
    one = await here.show(broadcast_id)
    assert (one.line.state, one.progress.taken, one.progress.failed) == (BroadcastState.FINISHED, 1, 1)
    assert [line.reason for line in one.reasons] == ["no_channel"]


async def _none_queued(tools: Tools) -> bool:
    async with tools.unit_of_work() as work:
        states = set(await work.session.scalars(select(OutboxMessage.state)))
    return not states & {DeliveryState.QUEUED, DeliveryState.SENDING}
