"""Why a proposal cannot be confirmed now: the person is heard first, and what they said is read (C7)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.blacklist import telling
from services.models import Actor, BlacklistState
from services.rules import barring
from services.rules.localtime import local_date, local_day
from services.unit_of_work import Work
from storage.repositories.attachments import AttachmentRepository
from storage.repositories.blacklist import BlacklistRepository
from storage.tables import BlacklistEntry


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """An error code with its facts; an empty code is none."""

    code: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)


async def obstacle(work: Work, actor: Actor, entry: BlacklistEntry) -> Obstacle:
    """The first that stands in this actor's way, in the order in which they are met."""
    if entry.state != BlacklistState.PROPOSED:
        return Obstacle(code="blacklist.not_proposed", facts={"state": entry.state})
    if entry.heard_until is None:
        return Obstacle(code="blacklist.not_told")
    if not barring.hearing_is_over(local_day(work.now), entry.heard_until):
        return Obstacle(code="blacklist.hearing_open", facts={"until": local_date(entry.heard_until)})
    blacklist = BlacklistRepository(work.session)
    if entry.told_by == "chat" and not await blacklist.has_arrived(telling.group_of(entry)):
        return Obstacle(code="blacklist.not_delivered")
    said = [row.created_at for row in await blacklist.statements(entry.id)]
    files = await AttachmentRepository(work.session).list_(entry_id=entry.id)
    said += [row.created_at for row in files if row.role == "statement"]
    read = entry.read_by.get(actor.id)
    if said and (read is None or datetime.fromisoformat(read) < max(said)):
        return Obstacle(code="blacklist.not_read")
    return Obstacle()
