"""Receipts: a send writes which message has a msgid, WeChat's callback what became of it; the second finds the first.

Both write the same row of `receipts`, so whichever comes second waits for the first to commit and then sees it. Groups
are written in the order of their keys, and before any row of `outbox`: two groups never wait for each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, delete, func, text
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import Base

_RECEIPTS = Base.metadata.tables["receipts"]

_EXPECT = text(
    """
    INSERT INTO receipts AS r (account, msgid, message_id, created_at)
    SELECT e.account, e.msgid, e.message_id, :now
    FROM unnest(:accounts, :msgids, :messages) AS e (account, msgid, message_id)
    ORDER BY e.account, e.msgid
    ON CONFLICT (account, msgid) DO UPDATE SET message_id = COALESCE(r.message_id, excluded.message_id)
    RETURNING r.message_id, r.status
    """
).bindparams(
    bindparam("accounts", type_=ARRAY(Text)),
    bindparam("msgids", type_=ARRAY(Text)),
    bindparam("messages", type_=ARRAY(Uuid)),
)

_TAKE_IN = text(
    """
    INSERT INTO receipts AS r (account, msgid, status, received_at, created_at)
    SELECT g.account, g.msgid, g.status, clock_timestamp(), :now
    FROM unnest(:accounts, :msgids, :statuses) AS g (account, msgid, status)
    ORDER BY g.account, g.msgid
    ON CONFLICT (account, msgid) DO UPDATE
    SET status = COALESCE(r.status, excluded.status), received_at = COALESCE(r.received_at, excluded.received_at)
    RETURNING r.account, r.msgid, r.message_id, r.status
    """
).bindparams(
    bindparam("accounts", type_=ARRAY(Text)),
    bindparam("msgids", type_=ARRAY(Text)),
    bindparam("statuses", type_=ARRAY(Text)),
)

_SETTLE = text(
    """
    UPDATE outbox o
    SET state = CASE WHEN lower(btrim(s.status)) = 'success' THEN 'delivered' ELSE 'failed' END,
        errmsg = CASE WHEN lower(btrim(s.status)) = 'success' THEN o.errmsg ELSE left(s.status, 500) END,
        finished_at = :now
    FROM unnest(:messages, :statuses) AS s (message_id, status)
    WHERE o.id = s.message_id AND o.state IN ('accepted', 'unknown')
    """
).bindparams(bindparam("messages", type_=ARRAY(Uuid)), bindparam("statuses", type_=ARRAY(Text)))

_KEEP_WHOSE = text(
    """
    UPDATE receipts r
    SET follower_id = f.id
    FROM unnest(:accounts, :msgids, :openids) AS g (account, msgid, openid)
    JOIN followers f ON f.account = g.account AND f.openid = g.openid
    WHERE r.account = g.account AND r.msgid = g.msgid AND r.message_id IS NULL
    RETURNING f.id
    """
).bindparams(
    bindparam("accounts", type_=ARRAY(Text)),
    bindparam("msgids", type_=ARRAY(Text)),
    bindparam("openids", type_=ARRAY(Text)),
)

# The answer to a send was lost, and with it the msgid. A receipt that names no message of ours can only be this one's,
# where the person has one such message, none that is being sent just now, and one such receipt since it was sent.
_ATTRIBUTE = text(
    """
    WITH lost AS (
        SELECT o.follower_id, (array_agg(o.id))[1] AS message_id, min(o.first_sent_at) AS since
        FROM outbox o
        WHERE o.state IN ('unknown', 'dead', 'failed') AND o.first_sent_at IS NOT NULL
          AND o.channel = 'template' AND o.msgid IS NULL
          AND (CAST(:followers AS uuid[]) IS NULL OR o.follower_id = ANY(:followers))
        GROUP BY o.follower_id
        HAVING count(*) = 1 AND bool_and(o.state = 'unknown')
    ), told AS (
        SELECT l.message_id, min(r.account) AS account, min(r.msgid) AS msgid, min(r.status) AS status
        FROM lost l
        JOIN receipts r ON r.follower_id = l.follower_id AND r.message_id IS NULL AND r.received_at >= l.since
        WHERE NOT EXISTS (
            SELECT FROM outbox b WHERE b.follower_id = l.follower_id AND b.state = 'sending'
        )
        GROUP BY l.message_id
        HAVING count(*) = 1
    ), joined AS (
        UPDATE receipts r
        SET message_id = t.message_id
        FROM told t
        WHERE r.account = t.account AND r.msgid = t.msgid AND r.message_id IS NULL
        RETURNING r.message_id, r.msgid, r.status
    ), named AS (
        UPDATE outbox o SET msgid = j.msgid FROM joined j WHERE o.id = j.message_id RETURNING o.id
    )
    SELECT message_id, status FROM joined
    """
).bindparams(bindparam("followers", type_=ARRAY(Uuid)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """A receipt as the callback has it."""

    account: str
    openid: str
    msgid: str
    #: WeChat's words: `success`, `failed:user block`, `failed: system failed`.
    status: str


class ReceiptRepository:
    """The table `receipts`, and the messages of `outbox` that they settle."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def expect(self, messages: Mapping[tuple[str, str], UUID], now: datetime) -> list[tuple[UUID, str]]:
        """Keep by (account, msgid) whose receipts they will be; gives message and status of those that are there."""
        if not messages:
            return []
        found = await self.session.execute(
            _EXPECT,
            {
                "now": now,
                "accounts": [account for account, _ in messages],
                "msgids": [msgid for _, msgid in messages],
                "messages": list(messages.values()),
            },
        )
        return [(message, status) for message, status in found if status is not None]

    async def take_in(self, arrivals: Sequence[Arrival], now: datetime) -> int:
        """Keep receipts and settle the messages they are for; a second one for a msgid changes nothing.

        Says how many name no message (yet).
        """
        by_key = {(one.account, one.msgid): one for one in reversed(arrivals)}
        found = await self.session.execute(
            _TAKE_IN,
            {
                "now": now,
                "accounts": [account for account, _ in by_key],
                "msgids": [msgid for _, msgid in by_key],
                "statuses": [one.status for one in by_key.values()],
            },
        )
        settled, unmatched = dict[UUID, str](), list[Arrival]()
        for account, msgid, message_id, status in found:
            if message_id is None:
                unmatched.append(by_key[account, msgid])
            else:
                settled[message_id] = status
        await self.settle(settled, now)
        if unmatched:
            await self._attribute_arrivals(unmatched, now)
        return len(unmatched)

    async def settle(self, statuses: Mapping[UUID, str], now: datetime) -> None:
        """Write to messages what their receipts say."""
        if statuses:
            ordered = sorted(statuses.items())
            await self.session.execute(
                _SETTLE,
                {
                    "now": now,
                    "messages": [message for message, _ in ordered],
                    "statuses": [status for _, status in ordered],
                },
            )

    async def attribute(self, now: datetime, followers: Sequence[UUID] | None = None) -> int:
        """Settle `unknown` messages by receipts that name no message and can only be theirs; says how many."""
        found = await self.session.execute(_ATTRIBUTE, {"followers": followers})
        statuses = {row.message_id: row.status for row in found}
        await self.settle(statuses, now)
        return len(statuses)

    async def delete_before(self, age: timedelta) -> None:
        """Forget receipts that were made longer ago than `age` of the database's clock."""
        await self.session.execute(
            delete(_RECEIPTS).where(
                func.coalesce(_RECEIPTS.c.received_at, _RECEIPTS.c.created_at) < func.clock_timestamp() - age
            )
        )

    async def _attribute_arrivals(self, arrivals: Sequence[Arrival], now: datetime) -> None:
        found = await self.session.scalars(
            _KEEP_WHOSE,
            {
                "accounts": [one.account for one in arrivals],
                "msgids": [one.msgid for one in arrivals],
                "openids": [one.openid for one in arrivals],
            },
        )
        if followers := list(found.all()):
            await self.attribute(now, followers)
