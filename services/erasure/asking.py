"""Asking 删除我的数据: what would go and what stays, a second look, and the request that staff see (C11)."""

import hashlib
from collections.abc import Sequence
from uuid import UUID, uuid4

from services import audit, jobs
from services.erasure.holdings import of_follower
from services.erasure.models import Asked, Holding
from services.errors import ConflictError
from services.models import Actor
from services.rules.erasure import Fate
from services.unit_of_work import Work
from storage.erasure_states import ErasureState
from storage.repositories.erasures import ErasureRepository
from storage.tables import ErasureItem, ErasureRequest


class AskingService:
    """What a follower does about their own data; call it with their lock held."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.erasures = ErasureRepository(work.session)

    async def look(self, follower_id: UUID) -> tuple[Holding, ...]:
        """Everything they have here, with what would become of it; changes nothing."""
        return await of_follower(self.work, follower_id)

    async def ask(self, follower_id: UUID, *, seen: str, actor: Actor) -> Asked:
        """Ask for the deletion of what was `seen` (its `fingerprint`).

        What a duty keeps and what two people have to delete is restricted at once. A job deletes the drafts and what
        nobody ever looked at, and takes back what is in review.

        Raises:
            ConflictError: `erasure.changed`, it is not as it was seen; `erasure.nothing`.
        """
        holdings = await self.look(follower_id)
        about = askable(holdings)
        if not about:
            raise ConflictError("erasure.nothing")
        if seen != fingerprint(holdings):
            raise ConflictError("erasure.changed")
        requests: dict[UUID, ErasureRequest] = {}
        items = []
        for one in about:
            if one.ruling.fate is Fate.DRAFT:
                continue
            request = requests.setdefault(
                one.organisation_id, self._request(follower_id, one.organisation_id)
            )
            items.append(
                ErasureItem(
                    id=uuid4(),
                    request_id=request.id,
                    enrolment_id=one.enrolment_id,
                    fate=one.ruling.fate.value,
                    duties=[duty.value for duty in one.ruling.duties],
                    kept_until=one.ruling.kept_until,
                )
            )
        audit.record(
            self.work,
            actor,
            "erasure.asked",
            "follower",
            follower_id,
            after={fate.value: count for fate in Fate if (count := _count(about, fate))},
        )
        await self.erasures.add(
            list(requests.values()), items, restrict=[one.enrolment_id for one in about], at=self.work.now
        )
        await jobs.defer(
            self.work,
            jobs.Task.FOLLOW_ERASURE,
            lock=f"erasure:{follower_id}",
            follower_id=str(follower_id),
        )
        return Asked(holdings=about, numbers=tuple(request.number for request in requests.values()))

    def _request(self, follower_id: UUID, organisation_id: UUID) -> ErasureRequest:
        return ErasureRequest(
            id=uuid4(),
            follower_id=follower_id,
            organisation_id=organisation_id,
            state=ErasureState.WAITING,
            created_at=self.work.now,
        )


def askable(holdings: Sequence[Holding]) -> tuple[Holding, ...]:
    """What can be asked for now: neither under way nor asked for already."""
    return tuple(
        one for one in holdings if one.ruling.fate is not Fate.RUNNING and one.request_number is None
    )


def fingerprint(holdings: Sequence[Holding]) -> str:
    """Of what somebody was told would become of each part: 64 bits, hexadecimal."""
    told = [
        f"{one.enrolment_id}:{one.ruling.fate}:{','.join(one.ruling.duties)}:{one.ruling.kept_until}"
        for one in holdings
    ]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def _count(holdings: Sequence[Holding], fate: Fate) -> int:
    return sum(one.ruling.fate is fate for one in holdings)
