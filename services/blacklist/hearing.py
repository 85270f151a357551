"""The hearing 陈述: what the person says before anybody decides, in the chat or on paper, is kept and read (C7)."""

import uuid
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services import attachments
from services.blacklist import access
from services.blacklist.naming import NamingService
from services.blacklist.proposing import list_of, record
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor, BlacklistState
from services.rules.errors import InvalidValueError
from services.rules.localtime import local_day
from services.rules.plain_words import as_written
from services.unit_of_work import Work
from storage.repositories.blacklist import BlacklistRepository
from storage.tables import BlacklistEntry, BlacklistStatement

#: Of one statement, and how many there can be; who has more to say brings a paper.
LONGEST_STATEMENT = 1000
MOST_STATEMENTS = 20
#: How a statement came that was written from an account that is not known as the person's.
NAMED = "named"


@dataclass(frozen=True, kw_only=True)
class Hearing:
    """What one may say something of, as the person sees it."""

    entry_id: UUID
    scheme: str
    reason: str
    allegation: str
    #: Still a proposal; else it bars, and what is said now is an objection.
    proposed: bool
    #: The last day to answer, or the last day in force.
    until: date | None
    years: int
    statements: int
    files: int
    #: They named themselves from an account that is not known as theirs: what is alleged is not shown.
    named: bool = False


class HearingService:
    """What a person says of a proposal about them, or against an entry."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.blacklist = BlacklistRepository(work.session)

    async def of_follower(self, follower_id: UUID) -> Hearing | None:
        """What this follower may answer to now, if anything."""
        entry = await self.blacklist.find_answerable(follower_id, local_day(self.work.now))
        return self._view(entry, *await self.blacklist.count_said(entry.id)) if entry is not None else None

    async def named(self, follower_id: UUID, typed: str, *, actor: Actor) -> Hearing:
        """What somebody may answer to who named themselves by name and identity number. Raises as `NamingService.find`."""
        entry = await NamingService(self.work).find(follower_id, typed, actor=actor)
        return self._view(entry, 0, 0, named=True)

    async def say(
        self, follower_id: UUID, text: str, *, actor: Actor, entry_id: UUID | None = None
    ) -> Hearing:
        """Keep what the person writes in the chat; `entry_id` is what they named themselves for.

        Raises:
            NotFoundError: `blacklist.nothing_to_answer`.
            InvalidValueError: `statement.long` (`length`, `limit`); ServiceError: `blacklist.too_many` (`limit`).
        """
        entry = await self._own(follower_id, entry_id)
        channel = "chat" if entry_id is None else NAMED
        said, shown = await self._add(entry, text, channel=channel, taken_by="", actor=actor)
        return self._view(entry, said, shown, named=entry_id is not None)

    async def show(
        self,
        follower_id: UUID,
        media_id: str,
        *,
        account: str,
        actor: Actor,
        entry_id: UUID | None = None,
    ) -> Hearing:
        """Take a picture from the chat; it is fetched by a job. Raises as `say`, and ServiceError `attachment.too_many`."""
        entry = await self._own(follower_id, entry_id)
        said, shown = await self.blacklist.count_said(entry.id)
        await attachments.request_picture(
            self.work, "statement", media_id, account=account, before=shown, entry_id=entry.id
        )
        channel = "chat" if entry_id is None else NAMED
        record(self.work, actor, "blacklist.stated", entry, after={"channel": channel, "kind": "picture"})
        return self._view(entry, said, shown + 1, named=entry_id is not None)

    async def take_paper(
        self, actor: Actor, entry_id: UUID, text: str, files: tuple[tuple[str, bytes], ...] = ()
    ) -> None:
        """Keep what the person handed in on paper or said at the counter, with its scans.

        Raises:
            ConflictError: `blacklist.closed`. ServiceError: `blacklist.statement_empty`, and as `attachments.add_file`.
        """
        entry = await access.locked(self.work, actor, entry_id)
        if entry.state not in (BlacklistState.PROPOSED, BlacklistState.CONFIRMED):
            raise ConflictError("blacklist.closed", state=entry.state)
        if not text.strip() and not files:
            raise ServiceError("blacklist.statement_empty")
        await self._add(entry, text, channel="paper", taken_by=actor.name, actor=actor)
        for filename, content in files:
            await attachments.add_file(
                self.work, "statement", filename, content, added_by=actor.name, entry_id=entry.id
            )

    async def _own(self, follower_id: UUID, entry_id: UUID | None) -> BlacklistEntry:
        # Locked, so that nobody decides while something is said.
        day = local_day(self.work.now)
        entry = (
            await self.blacklist.find_answerable(follower_id, day, for_update=True)
            if entry_id is None
            else await self.blacklist.lock_answerable(entry_id, day)
        )
        if entry is None:
            raise NotFoundError("blacklist.nothing_to_answer")
        return entry

    async def _add(
        self, entry: BlacklistEntry, text: str, *, channel: str, taken_by: str, actor: Actor
    ) -> tuple[int, int]:
        """How many statements and pictures there are then."""
        value = as_written(text)
        if len(value) > LONGEST_STATEMENT:
            raise InvalidValueError("statement.long", length=len(value), limit=LONGEST_STATEMENT)
        said, shown = await self.blacklist.count_said(entry.id)
        if said >= MOST_STATEMENTS:
            raise ServiceError("blacklist.too_many", limit=MOST_STATEMENTS)
        statement_id = uuid.uuid4()
        self.work.session.add(
            BlacklistStatement(
                id=statement_id,
                entry_id=entry.id,
                channel=channel,
                taken_by_name=taken_by,
                text_cipher=self.work.tools.keyring.encrypt_text(
                    value, context=statement_context(statement_id)
                ),
                created_at=self.work.now,
            )
        )
        record(self.work, actor, "blacklist.stated", entry, after={"channel": channel, "kind": "text"})
        await self.work.session.flush()
        return said + 1, shown

    def _view(self, entry: BlacklistEntry, said: int, shown: int, *, named: bool = False) -> Hearing:
        scheme = self.work.scheme(f"{entry.scheme_id}@{entry.scheme_version}")
        blacklist = list_of(self.work, entry)
        proposed = entry.state == BlacklistState.PROPOSED
        return Hearing(
            entry_id=entry.id,
            scheme=scheme.short_title,
            reason=blacklist.label(entry.reason),
            allegation="" if named else entry.allegation,
            proposed=proposed,
            until=entry.heard_until if proposed else entry.last_on,
            years=blacklist.years,
            statements=said,
            files=shown,
            named=named,
        )


def statement_context(statement_id: UUID) -> bytes:
    """What a statement's text is bound to."""
    return b"blacklist_statements.text." + statement_id.hex.encode()
