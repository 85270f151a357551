"""What may be sent now: rests of APIs, circuits, tokens, and how many receipts are waited for. Shared by all processes.

`look` is a unit of work of its own, short and without waiting for the disk: it is asked before each claim.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from services import audit
from services.access import ensure_admin
from services.delivery.claims import Finish, Pauses
from services.errors import NotFoundError, ServiceError
from services.models import Actor
from services.ports import SendOutcome
from services.rules.delivery import Channel, Fate, Rest, Verdict, rest_until
from services.rules.localtime import local_day
from services.rules.pacing import RECEIPT_LOST, RECOVERY, Limits, probe_after, share_of
from services.unit_of_work import Work
from storage.repositories.sending import SendingRepository

log = structlog.get_logger(__name__)

REASON_LIMIT: Final = 200
_ACTOR: Final = Actor.system("delivery")


@dataclass(frozen=True, kw_only=True)
class Gates:
    """How many messages of each account may be sent now."""

    shares: Mapping[str, int]
    #: Accounts with an open circuit whose one message of now is a probe.
    probing: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class OpenCircuit:
    """An account that nothing is sent from until its configuration is mended."""

    account: str
    opened_at: datetime
    errcode: int
    errmsg: str
    #: When one message tries again by itself.
    probe_at: datetime
    probes: int


@dataclass(frozen=True, kw_only=True)
class RestingApi:
    """An API that is not called until a time."""

    account: str
    #: A value of `services.rules.delivery.Channel`.
    api: str
    until: datetime
    errcode: int


@dataclass(frozen=True, kw_only=True)
class CalledApi:
    """How often an API was called today."""

    account: str
    api: str
    calls: int


class GateService:
    """The state of sending, shared by all processes, for the loop and for staff."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.sending = SendingRepository(work.session)

    async def look(self, room: int, limits: Limits, unused: Mapping[str, int]) -> Gates:
        """What may be begun now by one process that has `room`; `unused` are tokens that it was given and did not use."""
        await self.sending.hurry()
        open_, probing = dict.fromkeys(self.work.tools.accounts, room), set[str]()
        for circuit in await self.sending.circuits():
            if circuit.account not in open_:
                continue
            next_at = self.work.now + probe_after(circuit.probes + 1)
            if circuit.probe_at <= self.work.now and await self.sending.take_probe(
                circuit, self.work.now, next_at
            ):
                open_[circuit.account] = 1
                probing.add(circuit.account)
            else:
                del open_[circuit.account]
        waiting = await self.sending.count_outstanding(limits.outstanding, RECEIPT_LOST)
        wanted = {account: share_of(most, waiting, limits) for account, most in open_.items()}
        shares = await self.sending.take_tokens(
            wanted, unused, per_second=limits.sends_per_second, recovery=RECOVERY
        )
        return Gates(shares=shares, probing=frozenset(probing))

    async def pauses(self) -> Pauses:
        """What is not to be called, as of now: asked with messages locked, nothing that their finishes told is missed."""
        apis: dict[str, dict[Channel, datetime]] = {}
        for rest in await self.sending.rests(self.work.now):
            apis.setdefault(rest.account, {})[Channel(rest.api)] = rest.until
        circuits = await self.sending.circuits()
        return Pauses(accounts=frozenset(circuit.account for circuit in circuits), apis=apis)

    async def learn(self, tried: Sequence[tuple[Finish, Verdict]]) -> None:
        """Keep what answers say about APIs and accounts: rests, circuits opened and closed, a lower rate, the counts."""
        rests = {
            (one.claim.account, one.claim.channel.api, verdict.rest): one.outcome
            for one, verdict in tried
            if verdict.rest is not None
        }
        for (account, api, rest), outcome in sorted(rests.items()):
            await self._begin(account, api, rest, outcome)
        if too_fast := {account for account, _, rest in rests if rest is Rest.API_MINUTE}:
            await self.sending.slow_down(too_fast)
        sent = dict[str, datetime]()
        for one, verdict in tried:
            if verdict.fate is Fate.ACCEPTED:
                account, began = one.claim.account, one.claim.first_sent_at
                sent[account] = max(began, sent.get(account, began))
        for account in await self.sending.close_circuits(sent):
            log.warning("delivery.circuit_closed", account=account)
            audit.record(self.work, _ACTOR, "circuit.closed", "account", account)
        calls = Counter((one.claim.account, one.claim.channel.api.value) for one, _ in tried)
        await self.sending.count(calls, local_day(self.work.now))

    async def _begin(self, account: str, api: Channel, rest: Rest, outcome: SendOutcome) -> None:
        if rest is Rest.CIRCUIT:
            probe_at = self.work.now + probe_after(0)
            if await self.sending.open_circuit(account, outcome.errcode, outcome.errmsg, probe_at):
                log.error("delivery.circuit_opened", account=account, errcode=outcome.errcode)
                audit.record(
                    self.work,
                    _ACTOR,
                    "circuit.opened",
                    "account",
                    account,
                    after={"errcode": outcome.errcode, "errmsg": outcome.errmsg[:200]},
                )
            return
        until = rest_until(rest, self.work.now)
        log.warning("delivery.rest", account=account, api=api.value, until=until.isoformat())
        await self.sending.rest(account, api, until, outcome.errcode, self.work.now)

    async def circuits(self) -> tuple[OpenCircuit, ...]:
        """Accounts that nothing is sent from."""
        return tuple(
            OpenCircuit(
                account=row.account,
                opened_at=row.opened_at,
                errcode=row.errcode,
                errmsg=row.errmsg,
                probe_at=row.probe_at,
                probes=row.probes,
            )
            for row in await self.sending.circuits()
        )

    async def rests(self) -> tuple[RestingApi, ...]:
        """APIs that are not called for now."""
        return tuple(
            RestingApi(account=row.account, api=row.api, until=row.until, errcode=row.errcode)
            for row in await self.sending.rests(self.work.now)
        )

    async def calls_today(self) -> tuple[CalledApi, ...]:
        """How often each API was called today, by WeChat's day."""
        return tuple(
            CalledApi(account=row.account, api=row.api, calls=row.calls)
            for row in await self.sending.counts(local_day(self.work.now))
        )

    async def close_circuit(self, actor: Actor, account: str, reason: str) -> None:
        """Send from the account again at once: somebody has mended its configuration.

        Raises ForbiddenError for others than administrators; NotFoundError `circuit.not_open`; ServiceError
        `delivery.reason`.
        """
        ensure_admin(actor)
        if not 0 < len(reason.strip()) <= REASON_LIMIT:
            raise ServiceError("delivery.reason", limit=REASON_LIMIT)
        if not await self.sending.close_circuit(account):
            raise NotFoundError("circuit.not_open", account=account)
        audit.record(self.work, actor, "circuit.closed", "account", account, reason=reason.strip())
