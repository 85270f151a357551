"""Rests, circuits, counts and token buckets: the same for all processes, because they are rows."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ARRAY, Integer, Text, bindparam, case, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import ApiCount, ApiRest, Circuit, SendBucket

# Expressions see the row as it is when its lock is had. A clock that was read before waiting fills nothing twice.
_ELAPSED = "GREATEST(0, EXTRACT(epoch FROM a.moment - b.filled_at))"
_FILLED = f"LEAST(:top, b.tokens + a.unused + LEAST(b.rate, :top) * {_ELAPSED})"
_TAKE_TOKENS = text(
    f"""
    UPDATE send_buckets b
    SET tokens = {_FILLED} - LEAST(a.wanted, floor({_FILLED})),
        granted = LEAST(a.wanted, floor({_FILLED})),
        rate = LEAST(:top, b.rate + :top * {_ELAPSED} / :recovery),
        filled_at = GREATEST(b.filled_at, a.moment)
    FROM (
        SELECT g.account, g.wanted, g.unused, clock_timestamp() AS moment
        FROM unnest(:accounts, :wanted, :unused) AS g (account, wanted, unused)
        ORDER BY g.account
    ) a
    WHERE b.account = a.account
    RETURNING b.account, b.granted
    """  # noqa: S608 - a constant of this module
).bindparams(
    bindparam("accounts", type_=ARRAY(Text)),
    bindparam("wanted", type_=ARRAY(Integer)),
    bindparam("unused", type_=ARRAY(Integer)),
)

_OUTSTANDING = text(
    """
    SELECT count(*)
    FROM (
        SELECT FROM outbox
        WHERE state = 'accepted' AND channel IN ('template', 'subscription')
          AND first_sent_at > clock_timestamp() - CAST(:lost AS interval)
        LIMIT :most
    ) waiting
    """
)


class SendingRepository:
    """The tables `api_rests`, `circuits`, `api_counts` and `send_buckets`."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def hurry(self) -> None:
        """This transaction needs to outlive no crash of the database: its commit waits for no disk."""
        await self._session.execute(text("SET LOCAL synchronous_commit = off"))

    async def take_tokens(
        self, wanted: Mapping[str, int], unused: Mapping[str, int], *, per_second: float, recovery: timedelta
    ) -> dict[str, int]:
        """Of each account as many tokens as there are, `wanted` at most; what was taken and not used goes back."""
        values = {
            "accounts": list(wanted),
            "wanted": list(wanted.values()),
            "unused": [unused.get(account, 0) for account in wanted],
            "top": per_second,
            "recovery": recovery.total_seconds(),
        }
        found = await self._session.execute(_TAKE_TOKENS, values)
        given = {row.account: int(row.granted) for row in found}
        if missing := wanted.keys() - given.keys():
            await self._session.execute(
                insert(SendBucket)
                .values(
                    [
                        {
                            "account": account,
                            "tokens": per_second,
                            "rate": per_second,
                            "filled_at": func.clock_timestamp(),
                            "granted": 0,
                        }
                        for account in sorted(missing)
                    ]
                )
                .on_conflict_do_nothing()
            )
            wanted = {account: wanted[account] for account in missing}
            given |= await self.take_tokens(wanted, unused, per_second=per_second, recovery=recovery)
        return given

    async def slow_down(self, accounts: Collection[str]) -> None:
        """WeChat finds them too fast: half the rate."""
        await self._session.execute(
            update(SendBucket)
            .where(SendBucket.account.in_(accounts))
            .values(rate=func.greatest(1.0, SendBucket.rate / 2), tokens=0)
            .execution_options(synchronize_session=False)
        )

    async def count_outstanding(self, most: int, lost: timedelta) -> int:
        """Accepted messages whose receipt is waited for, `most` at most; those older than `lost` are given up."""
        found: int = (await self._session.execute(_OUTSTANDING, {"most": most, "lost": lost})).scalar_one()
        return found

    async def rests(self, now: datetime) -> Sequence[ApiRest]:
        """Those that are not over."""
        return (
            await self._session.scalars(
                select(ApiRest).where(ApiRest.until > now).order_by(ApiRest.account, ApiRest.api)
            )
        ).all()

    async def rest(self, account: str, api: str, until: datetime, errcode: int, now: datetime) -> None:
        """Begin or prolong one; a longer one stays."""
        added = insert(ApiRest).values(account=account, api=api, until=until, errcode=errcode, since=now)
        await self._session.execute(
            added.on_conflict_do_update(
                index_elements=["account", "api"],
                set_={
                    "until": func.greatest(ApiRest.until, added.excluded.until),
                    "errcode": added.excluded.errcode,
                    "since": case((ApiRest.until > now, ApiRest.since), else_=added.excluded.since),
                },
            )
        )

    async def circuits(self) -> Sequence[Circuit]:
        """Those that are open."""
        return (await self._session.scalars(select(Circuit).order_by(Circuit.account))).all()

    async def open_circuit(self, account: str, errcode: int, errmsg: str, probe_at: datetime) -> bool:
        """Open it, unless it is open; says whether it was closed before."""
        opened = await self._session.scalar(
            insert(Circuit)
            .values(
                account=account,
                opened_at=func.clock_timestamp(),
                errcode=errcode,
                errmsg=errmsg[:500],
                probe_at=probe_at,
                probes=0,
            )
            .on_conflict_do_nothing()
            .returning(Circuit.account)
        )
        return opened is not None

    async def take_probe(self, circuit: Circuit, now: datetime, next_at: datetime) -> bool:
        """Whether this process may try the account now; nobody else may before `next_at`."""
        taken = await self._session.scalar(
            update(Circuit)
            .where(
                Circuit.account == circuit.account,
                Circuit.probes == circuit.probes,
                Circuit.probe_at <= now,
            )
            .values(probes=Circuit.probes + 1, probe_at=next_at)
            .returning(Circuit.account)
            .execution_options(synchronize_session=False)
        )
        return taken is not None

    async def close_circuits(self, sent: Mapping[str, datetime]) -> list[str]:
        """Close those of accounts with a success whose send began after the opening (database time); says which."""
        if not sent:
            return []
        closed = list[str]()
        for circuit in await self.circuits():
            if circuit.account in sent and sent[circuit.account] >= circuit.opened_at:
                closed.append(circuit.account)
                await self.close_circuit(circuit.account)
        return closed

    async def close_circuit(self, account: str) -> bool:
        """Close it; False when it was not open."""
        found = await self._session.scalar(
            delete(Circuit)
            .where(Circuit.account == account)
            .returning(Circuit.account)
            .execution_options(synchronize_session=False)
        )
        return found is not None

    async def count(self, calls: Mapping[tuple[str, str], int], on: date) -> None:
        """Add to the calls of a day, by account and API. Comes last: the rows are everybody's."""
        if not calls:
            return
        added = insert(ApiCount).values(
            [
                {"account": account, "api": api, "on": on, "calls": number}
                for (account, api), number in sorted(calls.items())
            ]
        )
        await self._session.execute(
            added.on_conflict_do_update(
                index_elements=["account", "api", "on"],
                set_={"calls": ApiCount.calls + added.excluded.calls},
            )
        )

    async def counts(self, on: date) -> Sequence[ApiCount]:
        """The calls of a day."""
        return (
            await self._session.scalars(
                select(ApiCount).where(ApiCount.on == on).order_by(ApiCount.account, ApiCount.api)
            )
        ).all()
