"""Who a broadcast goes to: counted, frozen, and hashed, one statement each, however many they are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Select,
    Subquery,
    and_,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.broadcast_states import BroadcastKind, RecipientState
from storage.repositories.review_stages import visible_to
from storage.tables import (
    Broadcast,
    BroadcastName,
    BroadcastRecipient,
    Enrolment,
    Follower,
    FollowerTag,
    Person,
    Seat,
)

#: Why somebody who matches is left out.
GONE, RECENT, FULL = "gone", "recent", "full"

# Sixteen bytes a follower, in order: the same people give the same hash, whoever wrote them down first.
_HASH = text(
    """
    SELECT count(*), encode(sha256(coalesce(
        string_agg(uuid_send(follower_id), ''::bytea ORDER BY follower_id), ''::bytea)), 'hex')
    FROM broadcast_recipients WHERE broadcast_id = :id
    """
)


@dataclass(frozen=True, kw_only=True)
class AudienceFilter:
    """Whom to find; empty means all. `organisation_id` None is for the system alone."""

    account: str
    organisation_id: UUID | None
    scheme_ids: Collection[str] = ()
    states: Collection[str] = ()
    class_id: UUID | None = None
    sitting_id: UUID | None = None
    through_id: UUID | None = None
    #: How their 所在地 begins.
    region: str = ""
    tag: str = ""
    #: Only those of the file of names of this broadcast.
    named_in: UUID | None = None
    #: Whoever got a broadcast since then is left out; None: nobody.
    rested_since: datetime | None = None
    #: Mass sends count from here, and whoever has `monthly` of them is left out; None: no mass send.
    month_began: datetime | None = None
    monthly: int = 4


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How many match, why some are left out (the first reason of each), and how many remain."""

    matched: int
    gone: int
    recent: int
    full: int

    @property
    def recipients(self) -> int:
        """Who would get it."""
        return self.matched - self.gone - self.recent - self.full


class AudienceRepository:
    """`followers` by their `enrolments`, and the rows of a frozen audience."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def count(self, wanted: AudienceFilter) -> Counted:
        """In one statement."""
        found = _matched(wanted)
        row = (
            await self.session.execute(
                select(
                    func.count(),
                    *(func.count().filter(found.c.why == why) for why in (GONE, RECENT, FULL)),
                ).select_from(found)
            )
        ).one()
        return Counted(matched=row[0], gone=row[1], recent=row[2], full=row[3])

    async def freeze(self, broadcast_id: UUID, wanted: AudienceFilter) -> tuple[int, str]:
        """Write the row of each recipient, and give their number and SHA-256."""
        found = _matched(wanted)
        rows = select(
            literal(broadcast_id),
            found.c.follower_id,
            found.c.enrolment_id,
            literal(RecipientState.PENDING.value),
            literal(0),
        ).where(found.c.why.is_(None))
        await self.session.execute(
            insert(BroadcastRecipient).from_select(
                ["broadcast_id", "follower_id", "enrolment_id", "state", "tries"], rows
            )
        )
        count, digest = (await self.session.execute(_HASH, {"id": broadcast_id})).one()
        return count, digest

    async def thaw(self, broadcast_id: UUID) -> None:
        """Forget a frozen audience that nobody was sent anything of."""
        await self.session.execute(
            delete(BroadcastRecipient).where(BroadcastRecipient.broadcast_id == broadcast_id)
        )

    async def sample(self, wanted: AudienceFilter) -> UUID | None:
        """The enrolment of somebody who would get it."""
        found = _matched(wanted)
        return await self.session.scalar(select(found.c.enrolment_id).where(found.c.why.is_(None)).limit(1))

    async def label(self, organisation_id: UUID, tag: str, wanted: AudienceFilter) -> int:
        """Give everybody who matches a tag; says how many have it new."""
        found = _matched(wanted)
        given = await self.session.scalars(
            upsert(FollowerTag)
            .from_select(
                ["organisation_id", "follower_id", "tag"],
                select(literal(organisation_id), found.c.follower_id, literal(tag)),
            )
            .on_conflict_do_nothing()
            .returning(FollowerTag.follower_id)
        )
        return len(given.all())

    async def unlabel(self, organisation_id: UUID, tag: str) -> int:
        """Take a tag from everybody; says how many had it."""
        taken = await self.session.scalars(
            delete(FollowerTag)
            .where(FollowerTag.organisation_id == organisation_id, FollowerTag.tag == tag)
            .returning(FollowerTag.follower_id)
        )
        return len(taken.all())

    async def tags(self, organisation_id: UUID) -> Sequence[tuple[str, int]]:
        """An organisation's tags with how many carry each, by name."""
        rows = await self.session.execute(
            select(FollowerTag.tag, func.count())
            .where(FollowerTag.organisation_id == organisation_id)
            .group_by(FollowerTag.tag)
            .order_by(FollowerTag.tag)
        )
        return [(tag, count) for tag, count in rows]

    # ---- the file of names -----------------------------------------------------------------------------------

    async def by_numbers(self, organisation_id: UUID, numbers: Collection[int]) -> dict[int, UUID]:
        """Enrolments of this organisation's people by 报名号."""
        rows = await self.session.execute(
            select(Enrolment.number, Enrolment.id).where(
                Enrolment.number.in_(numbers), visible_to(organisation_id), Enrolment.restricted_at.is_(None)
            )
        )
        return {row.number: row.id for row in rows}

    async def by_identities(
        self, organisation_id: UUID, digests: Collection[bytes]
    ) -> dict[bytes, list[UUID]]:
        """Enrolments of this organisation's people by the digest of an identity number."""
        rows = await self.session.execute(
            select(Person.identity_digest, Enrolment.id)
            .join(Enrolment, Enrolment.person_id == Person.id)
            .where(
                Person.identity_digest.in_(digests),
                visible_to(organisation_id),
                Enrolment.restricted_at.is_(None),
            )
        )
        found: dict[bytes, list[UUID]] = {}
        for digest, enrolment_id in rows:
            found.setdefault(digest, []).append(enrolment_id)
        return found

    async def name(self, broadcast_id: UUID, enrolment_ids: Collection[UUID]) -> None:
        """These, instead of whoever was named before."""
        await self.session.execute(delete(BroadcastName).where(BroadcastName.broadcast_id == broadcast_id))
        if enrolment_ids:
            await self.session.execute(
                insert(BroadcastName),
                [{"broadcast_id": broadcast_id, "enrolment_id": one} for one in enrolment_ids],
            )

    async def count_named(self, broadcast_id: UUID) -> int:
        """How many enrolments its file named."""
        counted = await self.session.scalar(
            select(func.count()).where(BroadcastName.broadcast_id == broadcast_id)
        )
        return counted or 0


def _matched(wanted: AudienceFilter) -> Subquery:
    """`follower_id`, `enrolment_id` (their newest that matches) and `why` they are left out; each follower once."""
    burden = _burden(wanted)
    gone = or_(
        Follower.unfollowed_at.is_not(None),
        Follower.forgotten_at.is_not(None),
        Follower.unreachable_code.is_not(None),
    )
    conditions = [Follower.account == wanted.account, Enrolment.restricted_at.is_(None)]
    if wanted.organisation_id is not None:
        conditions.append(visible_to(wanted.organisation_id))
    if wanted.scheme_ids:
        conditions.append(Enrolment.scheme_id.in_(wanted.scheme_ids))
    if wanted.states:
        conditions.append(Enrolment.state.in_(wanted.states))
    if wanted.class_id is not None:
        conditions.append(Enrolment.class_id == wanted.class_id)
    if wanted.through_id is not None:
        conditions.append(Enrolment.organisation_id == wanted.through_id)
    if wanted.region:
        conditions.append(Enrolment.answers["region"].astext.startswith(wanted.region, autoescape=True))
    if wanted.sitting_id is not None:
        conditions.append(
            Enrolment.id.in_(
                select(Seat.enrolment_id).where(Seat.sitting_id == wanted.sitting_id, Seat.state != "void")
            )
        )
    if wanted.tag:
        tagged = select(FollowerTag.follower_id).where(FollowerTag.tag == wanted.tag)
        if wanted.organisation_id is not None:
            tagged = tagged.where(FollowerTag.organisation_id == wanted.organisation_id)
        conditions.append(Follower.id.in_(tagged))
    if wanted.named_in is not None:
        conditions.append(
            Enrolment.id.in_(
                select(BroadcastName.enrolment_id).where(BroadcastName.broadcast_id == wanted.named_in)
            )
        )
    reasons = [(gone, literal(GONE))]
    if burden is not None:
        if wanted.rested_since is not None:
            reasons.append((burden.c.last >= wanted.rested_since, literal(RECENT)))
        if wanted.month_began is not None:
            reasons.append((burden.c.mass >= wanted.monthly, literal(FULL)))
    statement: Select[tuple[UUID, UUID, str | None]] = select(
        Follower.id.label("follower_id"),
        Enrolment.id.label("enrolment_id"),
        case(*reasons, else_=None).label("why"),
    ).join(Enrolment, Enrolment.follower_id == Follower.id)
    if burden is not None:
        statement = statement.outerjoin(burden, burden.c.follower_id == Follower.id)
    return (
        statement.where(*conditions)
        .ext(distinct_on(Follower.id))
        .order_by(Follower.id, Enrolment.number.desc())
        .subquery("matched")
    )


def _burden(wanted: AudienceFilter) -> Subquery | None:
    """What followers were sent lately: when last, and how many mass messages this month."""
    since = [moment for moment in (wanted.rested_since, wanted.month_began) if moment is not None]
    if not since:
        return None
    mass = Broadcast.kind == BroadcastKind.MASS
    counts = and_(mass, BroadcastRecipient.sent_at >= wanted.month_began) if wanted.month_began else mass
    return (
        select(
            BroadcastRecipient.follower_id,
            func.max(BroadcastRecipient.sent_at).label("last"),
            func.count().filter(counts).label("mass"),
        )
        .join(Broadcast, Broadcast.id == BroadcastRecipient.broadcast_id)
        .where(BroadcastRecipient.sent_at >= min(since))
        .group_by(BroadcastRecipient.follower_id)
        .subquery("burden")
    )
