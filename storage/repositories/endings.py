"""What tries to send came to: written for many at once, each fenced by its claim, and joined with the receipts that are there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, DateTime, Double, Integer, Text, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from storage.repositories.receipts import ReceiptRepository
from storage.states import DeliveryState

# Void unless it is still the claim's: the fence. One whose lease lapsed, and was not claimed again, may still say what
# it came to.
_FINISH = text(
    """
    UPDATE outbox o
    SET state = f.state, errcode = f.errcode, errmsg = f.errmsg, msgid = COALESCE(f.msgid, o.msgid),
        lease_until = CASE WHEN f.repeat_in IS NOT NULL
                           THEN clock_timestamp() + f.repeat_in * interval '1 second' END,
        due_at = COALESCE(f.due_at, o.due_at),
        owner = CASE WHEN f.state = 'queued' THEN NULL ELSE o.owner END,
        attempts = o.attempts - CASE WHEN f.counts THEN 0 ELSE 1 END,
        first_sent_at = CASE WHEN f.state = 'queued' THEN NULL ELSE o.first_sent_at END,
        surfaced_at = CASE WHEN f.state = 'unknown' THEN COALESCE(
            o.surfaced_at, CASE WHEN f.has_receipt THEN NULL ELSE clock_timestamp() END
        ) END,
        finished_at = f.finished_at
    FROM unnest(:ids, :owners, :epochs, :states, :errcodes, :errmsgs, :msgids, :repeat_ins, :due_at, :counts,
                :has_receipt, :finished_at)
         AS f (id, owner, epoch, state, errcode, errmsg, msgid, repeat_in, due_at, counts, has_receipt, finished_at)
    WHERE o.id = f.id AND o.owner = f.owner AND o.epoch = f.epoch AND o.state IN ('sending', 'unknown')
    RETURNING o.id
    """
).bindparams(
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("owners", type_=ARRAY(Text)),
    bindparam("epochs", type_=ARRAY(Integer)),
    bindparam("states", type_=ARRAY(Text)),
    bindparam("errcodes", type_=ARRAY(Integer)),
    bindparam("errmsgs", type_=ARRAY(Text)),
    bindparam("msgids", type_=ARRAY(Text)),
    bindparam("repeat_ins", type_=ARRAY(Double)),
    bindparam("due_at", type_=ARRAY(DateTime(timezone=True))),
    bindparam("counts", type_=ARRAY(Boolean)),
    bindparam("has_receipt", type_=ARRAY(Boolean)),
    bindparam("finished_at", type_=ARRAY(DateTime(timezone=True))),
)

_CHANGE_WINDOWS = text(
    """
    UPDATE followers f
    SET window_left = CASE WHEN w.back = 0 THEN 0 ELSE f.window_left + w.back END
    FROM unnest(:followers, :until, :back) AS w (follower_id, until, back)
    WHERE f.id = w.follower_id AND f.window_until = w.until
    """
).bindparams(
    bindparam("followers", type_=ARRAY(Uuid)),
    bindparam("until", type_=ARRAY(DateTime(timezone=True))),
    bindparam("back", type_=ARRAY(Integer)),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """What a claimed try came to, to be written if it is still the claim's."""

    id: UUID
    owner: str
    epoch: int
    account: str
    state: DeliveryState
    errcode: int
    errmsg: str | None
    msgid: str | None
    #: It stays claimed, and may be repeated under its id after so long.
    repeat_in: timedelta | None
    due_at: datetime | None
    #: The try counts.
    counts: bool
    #: WeChat tells later what became of it.
    has_receipt: bool
    finished_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class WindowChange:
    """Of a window, if it is still that one: `back` messages did not leave; 0: the platform says that there is none."""

    follower_id: UUID
    until: datetime
    back: int


class EndingRepository:
    """Of the table `outbox`, how claimed rows end, and the windows of `followers` that they used."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def finish(self, endings: Sequence[Ending], now: datetime) -> set[UUID]:
        """Write what tries came to, and join those accepted with receipts that are there; says whose claim it still was.

        The receipts come first: whoever takes one in does it in the same order.
        """
        receipts = ReceiptRepository(self.session)
        named = {
            (one.account, one.msgid): one.id
            for one in endings
            if one.msgid is not None and one.state is DeliveryState.ACCEPTED
        }
        known = await receipts.expect(named, now)
        found = await self.session.execute(
            _FINISH,
            {
                "ids": [one.id for one in endings],
                "owners": [one.owner for one in endings],
                "epochs": [one.epoch for one in endings],
                "states": [one.state.value for one in endings],
                "errcodes": [one.errcode for one in endings],
                "errmsgs": [one.errmsg for one in endings],
                "msgids": [one.msgid for one in endings],
                "repeat_ins": [one.repeat_in.total_seconds() if one.repeat_in else None for one in endings],
                "due_at": [one.due_at for one in endings],
                "counts": [one.counts for one in endings],
                "has_receipt": [one.has_receipt for one in endings],
                "finished_at": [one.finished_at for one in endings],
            },
        )
        kept = {row[0] for row in found}
        await receipts.settle({message: status for message, status in known if message in kept}, now)
        return kept

    async def change_windows(self, changes: Sequence[WindowChange]) -> None:
        """Give messages back to windows, or close them; one that was opened since is left as it is."""
        if changes:
            await self.session.execute(
                _CHANGE_WINDOWS,
                {
                    "followers": [change.follower_id for change in changes],
                    "until": [change.until for change in changes],
                    "back": [change.back for change in changes],
                },
            )
