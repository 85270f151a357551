"""Whom a broadcast is for: the live count, the file of names, and labels. Never more than one's own people (B9)."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from services import audit
from services.access import ensure_officer, visible_organisation
from services.broadcasts.checking import check_tag
from services.broadcasts.models import Audience, BroadcastKind, NamesReport, Reckoning
from services.errors import ServiceError
from services.models import Actor
from services.people import IDENTITY_CONTEXT
from services.rules.broadcasting import MONTHLY, month_began
from services.spreadsheets import Column, ColumnKind, SpreadsheetError, Table, TableRow, read_table, text_of
from services.unit_of_work import Work
from storage.repositories.broadcast_audience import AudienceFilter, AudienceRepository
from storage.tables import Broadcast

MOST_REST_DAYS: Final = 90
NUMBER: Final = Column(
    key="number",
    label="报名号",
    kind=ColumnKind.IDENTIFIER,
    aliases=("报名编号",),
    required=False,
    example="10001",
)
IDENTITY: Final = Column(
    key="identity",
    label="身份证号",
    kind=ColumnKind.IDENTIFIER,
    aliases=("身份证", "身份证号码", "证件号码"),
    required=False,
    example="11010519491231002X",
)


class AudienceService:
    """Counting and choosing; nothing is sent."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.audience = AudienceRepository(work.session)

    async def count(
        self,
        actor: Actor,
        account: str,
        kind: BroadcastKind,
        audience: Audience,
        *,
        broadcast_id: UUID | None,
    ) -> Reckoning:
        """How many match, who would be left out and why: one statement.

        Raises ForbiddenError for others than staff, ServiceError `broadcast.rest_days`, `broadcast.no_names`.
        """
        if not 0 <= audience.rest_days <= MOST_REST_DAYS:
            raise ServiceError("broadcast.rest_days", limit=MOST_REST_DAYS)
        found = await self.audience.count(
            self.filter(visible_organisation(actor), account, kind, audience, broadcast_id)
        )
        return Reckoning(
            matched=found.matched,
            gone=found.gone,
            recent=found.recent,
            full=found.full,
            recipients=found.recipients,
            rest_days=audience.rest_days,
            monthly=MONTHLY,
        )

    def filter(
        self,
        organisation_id: UUID | None,
        account: str,
        kind: BroadcastKind,
        audience: Audience,
        broadcast_id: UUID | None,
    ) -> AudienceFilter:
        """The same for the count, the freezing and a label. Raises ServiceError `broadcast.no_names`."""
        if audience.named and broadcast_id is None:
            raise ServiceError("broadcast.no_names")
        now = self.work.now
        return AudienceFilter(
            account=account,
            organisation_id=organisation_id,
            scheme_ids=audience.scheme_ids,
            states=audience.states,
            class_id=audience.class_id,
            sitting_id=audience.sitting_id,
            through_id=audience.through_id,
            region=audience.region,
            tag=audience.tag,
            named_in=broadcast_id if audience.named else None,
            rested_since=now - timedelta(days=audience.rest_days) if audience.rest_days else None,
            month_began=month_began(now) if kind is BroadcastKind.MASS else None,
            monthly=MONTHLY,
        )

    async def read_names(self, actor: Actor, row: Broadcast, filename: str, content: bytes) -> NamesReport:
        """Keep whom a file names, by 报名号 or 身份证号; rows of nobody here are told, and named nowhere else.

        Raises:
            SpreadsheetError: the file as a whole.
        """
        table = await asyncio.to_thread(read_table, filename, content, (NUMBER, IDENTITY))
        if not table.present & {NUMBER.key, IDENTITY.key}:
            raise SpreadsheetError(
                "spreadsheet.header_missing", columns=f"{NUMBER.label}（或{IDENTITY.label}）"
            )
        found, unknown = await self._find(row.organisation_id, table)
        await self.audience.name(row.id, found)
        audit.record(
            self.work,
            actor,
            "broadcast.names_read",
            "broadcast",
            row.id,
            after={"rows": len(table.rows), "known": len(found), "unknown": len(unknown)},
            organisation_id=row.organisation_id,
        )
        return NamesReport(filename=filename, rows=len(table.rows), known=len(found), unknown=tuple(unknown))

    async def label(self, actor: Actor, row: Broadcast, tag: str) -> int:
        """Give everybody of a broadcast's audience a tag; says how many have it new. Raises ServiceError."""
        tag = check_tag(tag)
        wanted = self.filter(
            row.organisation_id, row.account, BroadcastKind.PERSONAL, Audience.of(row.audience), row.id
        )
        count = await self.audience.label(row.organisation_id, tag, wanted)
        audit.record(
            self.work,
            actor,
            "broadcast.labelled",
            "broadcast",
            row.id,
            after={"tag": tag, "people": count},
            organisation_id=row.organisation_id,
        )
        return count

    async def unlabel(self, actor: Actor, tag: str) -> int:
        """Take a tag away; says how many had it. Raises ForbiddenError."""
        own = self._own(actor)
        count = await self.audience.unlabel(own, tag)
        audit.record(
            self.work,
            actor,
            "broadcast.unlabelled",
            "organisation",
            own,
            before={"tag": tag, "people": count},
        )
        return count

    async def tags(self, actor: Actor) -> Sequence[tuple[str, int]]:
        """The organisation's tags and how many carry each."""
        own = visible_organisation(actor)
        return await self.audience.tags(own) if own is not None else ()

    def _own(self, actor: Actor) -> UUID:
        own = visible_organisation(actor)
        if own is None:
            raise ServiceError("broadcast.no_organisation")
        ensure_officer(actor, own)
        return own

    async def _find(self, organisation_id: UUID, table: Table) -> tuple[list[UUID], list[tuple[int, str]]]:
        keyring = self.work.tools.keyring
        numbers = {n for row in table.rows if (n := _number(row)) is not None}
        digests = {
            row.number: keyring.digests(identity, context=IDENTITY_CONTEXT)
            for row in table.rows
            if _number(row) is None and (identity := _identity(row))
        }
        by_number = await self.audience.by_numbers(organisation_id, numbers)
        by_identity = await self.audience.by_identities(
            organisation_id, [digest for several in digests.values() for digest in several]
        )
        found: dict[UUID, None] = {}
        unknown = list[tuple[int, str]]()
        for row in table.rows:
            number = _number(row)
            if number is not None:
                here = [by_number[number]] if number in by_number else []
            else:
                here = [one for digest in digests.get(row.number, ()) for one in by_identity.get(digest, ())]
                if row.number not in digests:
                    unknown.append((row.number, "names.empty"))
                    continue
            if not here:
                unknown.append((row.number, "names.unknown"))
            elif all(one in found for one in here):
                unknown.append((row.number, "names.twice"))
            found.update(dict.fromkeys(here))
        return list(found), unknown


def _number(row: TableRow) -> int | None:
    typed = text_of(row.cells[NUMBER.key]).strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def _identity(row: TableRow) -> str:
    """As typed; a number that a spreadsheet rounded finds nobody and is told as unknown."""
    return text_of(row.cells[IDENTITY.key]).strip().upper()
