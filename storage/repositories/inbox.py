"""Inbound messages: taken once, under the follower's lock, and answered the same way again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Update, bindparam, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import Base, InboundMessage

_MESSAGES = Base.metadata.tables["inbound_messages"]
_FOLLOWERS = Base.metadata.tables["followers"]

# The lock is taken before the row is written, in one statement: whoever else handles this follower, in whichever
# process, waits here. A repeat of the same message finds the key and writes nothing.
_TAKE = text(
    """
    INSERT INTO inbound_messages (account, dedupe_key, kind, received_at)
    SELECT :account, :dedupe_key, :kind, :received_at
    FROM (SELECT pg_advisory_xact_lock(hashtextextended(:person, 0))) AS follower
    ON CONFLICT (account, dedupe_key) DO NOTHING
    RETURNING id
    """
)

#: Another write in the same statement, and its parameters; one that is made only once costs little.
Also = tuple[Insert | Update, Mapping[str, Any]]


class InboxRepository:
    """The table `inbound_messages`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def take(
        self, account: str, openid: str, dedupe_key: str, kind: str, received_at: datetime
    ) -> int | None:
        """Lock the follower until the end of this transaction and take the message; None when it was taken before."""
        taken: int | None = await self.session.scalar(
            _TAKE,
            {
                "account": account,
                "dedupe_key": dedupe_key,
                "kind": kind,
                "received_at": received_at,
                "person": f"{account}\n{openid}",
            },
        )
        return taken

    async def find_reply(self, account: str, dedupe_key: str) -> bytes | None:
        """The reply that was given to a message taken before."""
        return await self.session.scalar(
            select(InboundMessage.reply_cipher).where(
                InboundMessage.account == account, InboundMessage.dedupe_key == dedupe_key
            )
        )

    async def answer(
        self,
        message_id: int,
        reply: bytes,
        *,
        follower_id: UUID | None = None,
        columns: Mapping[str, Any] | None = None,
        also: Sequence[Also] = (),
    ) -> None:
        """Keep the reply for repeats and, with it in one statement, these columns of the follower.

        `also` are further writes that come last; none of them sees what the others write.
        """
        statement = _answering(tuple(columns or ()), tuple(write for write, _ in also))
        parameters: dict[str, Any] = {"answer_to": message_id, "answer": reply, "answer_whose": follower_id}
        parameters |= {f"place_{name}": value for name, value in (columns or {}).items()}
        for _, values in also:
            parameters |= values
        await self.session.execute(statement, parameters)


@lru_cache(maxsize=128)
def _answering(columns: tuple[str, ...], also: tuple[Insert | Update, ...]) -> Update:
    """The statement of `answer`. Made once for each choice of columns: every message ends with it."""
    statement = (
        update(_MESSAGES)
        .where(_MESSAGES.c.id == bindparam("answer_to"))
        .values(reply_cipher=bindparam("answer"))
    )
    if columns:
        values = {name: bindparam(f"place_{name}", type_=_FOLLOWERS.c[name].type) for name in columns}
        place = update(_FOLLOWERS).where(_FOLLOWERS.c.id == bindparam("answer_whose")).values(values)
        statement = statement.add_cte(place.cte("place"))
    return statement.add_cte(*(write.cte(f"also_{n}") for n, write in enumerate(also)))
