"""What moved in the database between two moments, and what the audit log says that moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select, text

from services.unit_of_work import Work
from storage.tables import AuditEntry

#: Kind → where it is kept: id, enrolment if there is one, whom the audit log's entries are about, state. What is not there
#: has the state "".
_STATES: Final[Mapping[str, str]] = {
    "enrolment": "SELECT id, id, id, state FROM enrolments",
    "stage": """
        SELECT id, enrolment_id, enrolment_id, coalesce(nullif(decision, ''), 'waiting') FROM review_stages""",
    "payment": "SELECT id, enrolment_id, enrolment_id, state FROM payments",
    "seat": "SELECT id, enrolment_id, enrolment_id, state FROM seats",
    "result": "SELECT id, enrolment_id, enrolment_id, state FROM results",
    "certificate": "SELECT id, enrolment_id, id, state FROM certificates",
    "card": "SELECT id, enrolment_id, id, state FROM cards",
    "cancellation": """
        SELECT o.id, c.enrolment_id, c.id, o.state FROM card_cancellations o JOIN cards c ON c.id = o.card_id""",
    "appointment": "SELECT id, enrolment_id, id, state FROM appointments",
    "blacklist": "SELECT id, enrolment_id, id, state FROM blacklist_entries",
    "sitting": "SELECT id, NULL::uuid, id, state FROM sittings",
}
_ALL: Final = " UNION ALL ".join(
    f"SELECT '{kind}' AS kind, s.* FROM ({statement}) AS s(id, enrolment_id, subject, state)"  # noqa: S608 - ours
    for kind, statement in _STATES.items()
)


@dataclass(frozen=True)
class Standing:
    """How one thing stands."""

    enrolment_id: UUID | None
    #: Whom entries of the audit log are about.
    subject: UUID
    state: str


@dataclass(frozen=True)
class Move:
    """One thing went from one state to another."""

    kind: str
    enrolment_id: UUID | None
    subject: UUID
    before: str
    after: str

    @property
    def edge(self) -> tuple[str, str, str]:
        """Without whose."""
        return self.kind, self.before, self.after


@dataclass(frozen=True)
class Moment:
    """How everything stands, and the last entry of the audit log."""

    standings: Mapping[tuple[str, UUID], Standing]
    last_entry: int


async def moment(work: Work) -> Moment:
    """How everything stands now."""
    rows = await work.session.execute(text(_ALL))
    last = await work.session.scalar(text("SELECT coalesce(max(id), 0) FROM audit_log"))
    return Moment({(kind, id_): Standing(*standing) for kind, id_, *standing in rows}, int(last or 0))


def moves(earlier: Moment, later: Moment) -> list[Move]:
    """What went from one state to another between the two."""
    found = []
    for key in earlier.standings.keys() | later.standings.keys():
        before, after = earlier.standings.get(key), later.standings.get(key)
        known = after or before
        assert known is not None
        states = before.state if before else "", after.state if after else ""
        if states[0] != states[1]:
            found.append(Move(key[0], known.enrolment_id, known.subject, *states))
    return found


async def entries(work: Work, earlier: Moment) -> list[AuditEntry]:
    """What the audit log gained since."""
    rows = await work.session.scalars(
        select(AuditEntry).where(AuditEntry.id > earlier.last_entry).order_by(AuditEntry.id)
    )
    return list(rows)
