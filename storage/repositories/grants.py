"""The ledger of grants for subscription notices, and the receipts that name only a person and a template."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, Uuid, bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import Receipt, SubscriptionGrant

#: More than anybody agrees to in advance; WeChat's own number is not told to us.
MOST = 100

_CHANGE = text(
    """
    UPDATE subscription_grants g
    SET grants = CASE WHEN c.change = 0 THEN 0 ELSE LEAST(:most, GREATEST(0, g.grants + c.change)) END,
        updated_at = :now
    FROM unnest(:followers, :templates, :changes) AS c (follower_id, template_id, change)
    WHERE g.follower_id = c.follower_id AND g.template_id = c.template_id
    """
).bindparams(
    bindparam("followers", type_=ARRAY(Uuid)),
    bindparam("templates", type_=ARRAY(Text)),
    bindparam("changes", type_=ARRAY(Integer)),
)

# The answer to such a send names no msgid; a person's are told of in the order in which they were sent.
_OLDEST = text(
    """
    UPDATE outbox o
    SET msgid = :msgid
    WHERE o.id = (
        SELECT id FROM outbox
        WHERE follower_id = :follower AND channel = 'subscription' AND msgid IS NULL
          AND state IN ('accepted', 'unknown')
        ORDER BY first_sent_at
        LIMIT 1
    )
    RETURNING o.id
    """
)


class GrantRepository:
    """The table `subscription_grants`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def granted(self, followers: Collection[UUID], templates: Collection[str]) -> set[tuple[UUID, str]]:
        """Which of them take a notice of which of these templates."""
        rows = await self._session.execute(
            select(SubscriptionGrant.follower_id, SubscriptionGrant.template_id).where(
                SubscriptionGrant.follower_id.in_(followers),
                SubscriptionGrant.template_id.in_(templates),
                SubscriptionGrant.grants > 0,
            )
        )
        return {(follower, template) for follower, template in rows}

    async def add(self, follower_id: UUID, template_id: str, now: datetime) -> None:
        """One more."""
        added = insert(SubscriptionGrant).values(
            follower_id=follower_id, template_id=template_id, grants=1, updated_at=now
        )
        await self._session.execute(
            added.on_conflict_do_update(
                index_elements=["follower_id", "template_id"],
                set_={"grants": func.least(MOST, SubscriptionGrant.grants + 1), "updated_at": now},
            )
        )

    async def forget(self, follower_id: UUID) -> None:
        """They unfollowed: their grants are gone with it."""
        await self._session.execute(
            delete(SubscriptionGrant).where(SubscriptionGrant.follower_id == follower_id)
        )

    async def change(self, changes: Mapping[tuple[UUID, str], int], now: datetime) -> None:
        """Spend (-1) or give back (1) grants, or clear them (0), by follower and template."""
        if changes:
            await self._session.execute(
                _CHANGE,
                {
                    "now": now,
                    "most": MOST,
                    "followers": [follower for follower, _ in changes],
                    "templates": [template for _, template in changes],
                    "changes": list(changes.values()),
                },
            )

    async def join(
        self, account: str, msgid: str, status: str, follower_id: UUID, now: datetime
    ) -> UUID | None:
        """Keep a receipt, and join it with the oldest notice of the person that waits for one: which message that is."""
        kept = await self._session.scalar(
            insert(Receipt)
            .values(
                account=account,
                msgid=msgid,
                status=status,
                follower_id=follower_id,
                received_at=func.clock_timestamp(),
                created_at=now,
            )
            .on_conflict_do_nothing()
            .returning(Receipt.msgid)
        )
        if kept is None:
            return None
        found: UUID | None = await self._session.scalar(_OLDEST, {"follower": follower_id, "msgid": msgid})
        if found is not None:
            await self._session.execute(
                text("UPDATE receipts SET message_id = :message WHERE account = :account AND msgid = :msgid"),
                {"message": found, "account": account, "msgid": msgid},
            )
        return found
