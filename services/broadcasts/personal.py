"""Personal broadcasts: one row in the outbox for each recipient, a few at a time, and what became of them.

A few at a time, so that a reminder never waits behind ten thousand greetings, and so that a pause takes back nearly all:
what is still queued is withdrawn and its recipient waits again.
"""

from services.broadcasts.models import BroadcastState, Content, RecipientState
from services.notices.outbox import Addressed, NoticeService
from services.notices.sealed import sealed_text
from services.rules import broadcasting as rules
from services.rules.localtime import local_date
from services.unit_of_work import Work
from storage.repositories.broadcasts import BroadcastRepository
from storage.tables import Broadcast, Enrolment, Person

NOTICE = "broadcast"


def group(row: Broadcast) -> str:
    """Under which its messages are withdrawn together."""
    return f"{NOTICE}:{row.id}"


async def feed(work: Work, row: Broadcast) -> int:
    """Queue messages of a running broadcast that is locked, as far as there is room; says for how many."""
    repository = BroadcastRepository(work.session)
    await repository.settle_personal(row.id, RecipientState.QUEUED)
    room = rules.MOST_IN_OUTBOX - await repository.count_queued(row.id)
    if room <= 0:
        return 0
    content, messages = Content.of(row.content), list[Addressed]()
    taken = await repository.take_pending(row.id, room)
    for recipient, follower, enrolment, person in taken:
        if follower.unfollowed_at or follower.forgotten_at or follower.unreachable_code is not None:
            recipient.state, recipient.reason = RecipientState.SKIPPED, "gone"
            continue
        if enrolment is None:
            recipient.state, recipient.reason = RecipientState.SKIPPED, "erased"
            continue
        recipient.state, recipient.sent_at = RecipientState.QUEUED, work.now
        messages.append(
            Addressed(
                follower_id=follower.id,
                notice=NOTICE,
                cause=f"{row.id}:{follower.id}:{recipient.tries}",
                facts=facts(work, content, enrolment, person),
                group=group(row),
            )
        )
    await work.session.flush()
    await NoticeService(work).send_many(messages)
    return len(taken)


async def take_back(work: Work, row: Broadcast) -> int:
    """Withdraw what has not left yet, of one that is locked; their recipients wait again. Says how many."""
    await NoticeService(work).withdraw(group(row))
    return await BroadcastRepository(work.session).settle_personal(row.id, RecipientState.QUEUED)


async def settle_late(work: Work) -> int:
    """Receipts that came after their broadcast had gone on, and what was tried again after it stopped; says how many."""
    repository, changed = BroadcastRepository(work.session), 0
    for row in await repository.settling(work.now - rules.REPEAT_WITHIN * 3):
        if row.state in (BroadcastState.PAUSED, BroadcastState.CANCELLED):
            # A try that did not leave went back into the outbox after everything had been taken back.
            await NoticeService(work).withdraw(group(row))
        changed += await repository.settle_personal(row.id, RecipientState.QUEUED, RecipientState.ACCEPTED)
        if row.state == BroadcastState.CANCELLED:
            await repository.move(row.id, [RecipientState.PENDING], RecipientState.CANCELLED)
    return changed


def facts(work: Work, content: Content, enrolment: Enrolment, person: Person | None) -> dict[str, str]:
    """Of the notice: the filled text, sealed, and the short fields of the template message."""
    scheme = work.scheme(enrolment.scheme_ref)
    return {
        "scheme": scheme.short_title,
        "hint": content.short,
        "time": local_date(work.now),
        **sealed_text(work, filled_for(work, content, enrolment, person)),
    }


def filled_for(work: Work, content: Content, enrolment: Enrolment, person: Person | None) -> str:
    """What one recipient reads."""
    return rules.filled(
        content.text,
        {
            "姓名": person.name if person is not None else "同学",
            "报名号": str(enrolment.number),
            "项目": work.scheme(enrolment.scheme_ref).title,
        },
    )
