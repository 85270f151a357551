"""The life of a broadcast 群发: written, submitted (which freezes who gets it), approved by another, started, stopped."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_another, ensure_officer, visible_organisation
from services.broadcasts import personal
from services.broadcasts.audience import MOST_REST_DAYS, AudienceService
from services.broadcasts.checking import check_content, check_picture, check_title
from services.broadcasts.models import (
    Audience,
    AudienceNames,
    BroadcastDetail,
    BroadcastKind,
    BroadcastPage,
    BroadcastState,
    Content,
    Draft,
    NamesReport,
    Picture,
    RecipientState,
    Reckoning,
)
from services.broadcasts.permitted import moved, readable, writable
from services.broadcasts.views import detail, names_of, page_of
from services.errors import ConflictError, NotFoundError, ServiceError
from services.jobs import Task, defer
from services.models import Actor
from services.reasons import checked
from services.rules.broadcasting import LEAST_OF_A_CHUNK, TRANSITIONS, UNREACHABLE_CODES, Verb
from services.unit_of_work import Work
from storage.broadcast_states import ChunkState
from storage.repositories.broadcast_audience import AudienceRepository
from storage.repositories.broadcast_chunks import ChunkRepository
from storage.repositories.broadcasts import BroadcastRepository
from storage.tables import Broadcast

#: An audience of at most so many is frozen while staff wait for the page; a larger one by a job.
AT_ONCE: Final = 20_000
REASON_LENGTH: Final = 200
MOST_AHEAD: Final = timedelta(days=90)
PER_PAGE: Final = 30

_SYSTEM: Final = Actor.system("broadcasts")


class BroadcastService:
    """Every verb checks who may, moves the state by the table of `services.rules.broadcasting`, and is audited."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.broadcasts = BroadcastRepository(work.session)
        self.audience = AudienceRepository(work.session)
        self.chunks = ChunkRepository(work.session)

    # ---- writing ---------------------------------------------------------------------------------------------

    async def create(self, actor: Actor, draft: Draft) -> UUID:
        """A new one, of the actor's organisation. Raises ServiceError as `check_content`, ForbiddenError."""
        own = visible_organisation(actor)
        if own is None:
            raise ServiceError("broadcast.no_organisation")
        ensure_officer(actor, own)
        self._check(draft, has_picture=draft.picture is not None)
        row = Broadcast(
            id=uuid4(),
            organisation_id=own,
            account=draft.account,
            kind=draft.kind,
            title=draft.title,
            content=draft.content.kept(),
            audience=draft.audience.kept(),
            state=BroadcastState.DRAFT,
            created_by=actor.id,
            created_by_name=actor.name,
            created_at=self.work.now,
        )
        if draft.picture is not None:
            row.picture_key = await self._keep(row.id, draft.picture)
        await self.broadcasts.add(row)
        self._record(actor, "broadcast.created", row, after={"title": row.title, "kind": row.kind})
        return row.id

    async def edit(self, actor: Actor, broadcast_id: UUID, draft: Draft) -> None:
        """Another text or audience: what was frozen and approved before is void.

        Raises ServiceError as `check_content`, ConflictError once it was started.
        """
        row = await writable(self.work, actor, broadcast_id)
        after = moved(row, Verb.EDIT)
        self._check(draft, has_picture=bool(row.picture_key) or draft.picture is not None)
        row.account, row.kind, row.title = draft.account, draft.kind, draft.title
        row.content, row.audience = draft.content.kept(), draft.audience.kept()
        if draft.picture is not None:
            row.picture_key = await self._keep(row.id, draft.picture)
        await self._void(actor, row, after, "broadcast.edited")

    async def read_names(
        self, actor: Actor, broadcast_id: UUID, filename: str, content: bytes
    ) -> NamesReport:
        """Restrict it to whom a file names, and void what was frozen. Raises SpreadsheetError, ConflictError."""
        row = await writable(self.work, actor, broadcast_id)
        after = moved(row, Verb.EDIT)
        report = await AudienceService(self.work).read_names(actor, row, filename, content)
        row.audience = {**row.audience, "named": True}
        await self._void(actor, row, after, "broadcast.edited")
        return report

    async def count(self, actor: Actor, broadcast_id: UUID) -> Reckoning:
        """Who would get it if it were submitted now. Raises NotFoundError."""
        row = await readable(self.work, actor, broadcast_id)
        return await AudienceService(self.work).count(
            actor, row.account, BroadcastKind(row.kind), Audience.of(row.audience), broadcast_id=row.id
        )

    async def label(self, actor: Actor, broadcast_id: UUID, tag: str) -> int:
        """Give everybody who matches its audience a tag, in whatever state it is; says how many have it new."""
        row = await writable(self.work, actor, broadcast_id)
        return await AudienceService(self.work).label(actor, row, tag)

    # ---- two people ------------------------------------------------------------------------------------------

    async def submit(self, actor: Actor, broadcast_id: UUID) -> None:
        """Freeze who gets it, for another person to approve; a large audience is frozen by a job.

        Raises:
            ServiceError: `broadcast.nobody`; `broadcast.too_few` for a mass send to one (WeChat takes two and more).
        """
        row = await writable(self.work, actor, broadcast_id)
        before, row.state = row.state, moved(row, Verb.SUBMIT)
        row.submitted_by, row.submitted_by_name, row.submitted_at = actor.id, actor.name, self.work.now
        row.reason = ""
        # The state first: a count and a freeze by others see it.
        await self.work.session.flush()
        reckoning = await self.count(actor, broadcast_id)
        self._ensure_some(row, reckoning.recipients)
        self._record(actor, "broadcast.submitted", row, before={"state": before})
        if reckoning.recipients > AT_ONCE:
            await defer(self.work, Task.FREEZE_AUDIENCE, lock=f"broadcast:{row.id}", broadcast_id=str(row.id))
        else:
            await self.freeze(row.id)

    async def freeze(self, broadcast_id: UUID) -> None:
        """Write the row of each recipient, and the hash that is to be approved; nothing when that was done."""
        row = await self.broadcasts.find(broadcast_id, for_update=True)
        if row is None or row.state != BroadcastState.FREEZING:
            return
        kind, audience = BroadcastKind(row.kind), Audience.of(row.audience)
        wanted = AudienceService(self.work).filter(row.organisation_id, row.account, kind, audience, row.id)
        found = await self.audience.count(wanted)
        await self.audience.thaw(row.id)
        row.recipients, people = await self.audience.freeze(row.id, wanted)
        row.left_out = {"gone": found.gone, "recent": found.recent, "full": found.full}
        row.fingerprint = await self._fingerprint(row, people)
        row.state = moved(row, Verb.FREEZE)
        self._record(
            _SYSTEM,
            "broadcast.frozen",
            row,
            after={"recipients": row.recipients, "left_out": row.left_out, "fingerprint": row.fingerprint},
        )

    async def approve(self, actor: Actor, broadcast_id: UUID, fingerprint: str) -> None:
        """What has this hash, text and recipients, may be sent.

        Raises:
            ForbiddenError: `broadcast.same_person`: who wrote or submitted it.
            ConflictError: `broadcast.changed`: it is another text or audience by now.
        """
        row = await writable(self.work, actor, broadcast_id)
        after = moved(row, Verb.APPROVE)
        ensure_another(actor, row.submitted_by, "broadcast.same_person")
        ensure_another(actor, row.created_by, "broadcast.same_person")
        if len(fingerprint) < 8 or not row.fingerprint.startswith(fingerprint):
            raise ConflictError("broadcast.changed")
        self._ensure_some(row, row.recipients)
        row.state, row.approved_at = after, self.work.now
        row.approved_by, row.approved_by_name = actor.id, actor.name
        self._record(actor, "broadcast.approved", row, after={"fingerprint": row.fingerprint})

    async def refuse(self, actor: Actor, broadcast_id: UUID, reason: str) -> None:
        """Back to the draft, with why. Raises ConflictError, ServiceError without a reason."""
        row = await writable(self.work, actor, broadcast_id)
        reason = self._reason(reason)
        await self._void(actor, row, moved(row, Verb.REFUSE), "broadcast.refused", reason=reason)

    # ---- sending ---------------------------------------------------------------------------------------------

    async def schedule(self, actor: Actor, broadcast_id: UUID, due_at: datetime | None) -> None:
        """Starts by itself then; None: by hand. Raises ServiceError `broadcast.due_past`, `broadcast.due_far`."""
        row = await writable(self.work, actor, broadcast_id)
        moved(row, Verb.SCHEDULE)
        if due_at is not None and due_at <= self.work.now:
            raise ServiceError("broadcast.due_past")
        if due_at is not None and due_at > self.work.now + MOST_AHEAD:
            raise ServiceError("broadcast.due_far", days=MOST_AHEAD.days)
        before, row.due_at = row.due_at, due_at
        self._record(
            actor, "broadcast.scheduled", row, before={"due_at": _iso(before)}, after={"due_at": _iso(due_at)}
        )

    async def start(self, actor: Actor, broadcast_id: UUID) -> None:
        """Send now. Raises ConflictError unless it is approved."""
        row = await writable(self.work, actor, broadcast_id)
        self._start(actor, row)

    async def start_due(self) -> int:
        """Start what is approved and whose time has come; says how many."""
        rows = await self.broadcasts.due(self.work.now)
        for row in rows:
            self._start(_SYSTEM, row)
        return len(rows)

    async def pause(self, actor: Actor, broadcast_id: UUID, reason: str = "") -> None:
        """Nothing more leaves but the batch that is on its way. Raises ConflictError unless it runs."""
        row = await writable(self.work, actor, broadcast_id)
        await hold(self.work, actor, row, reason.strip()[:REASON_LENGTH])

    async def resume(self, actor: Actor, broadcast_id: UUID) -> None:
        """Go on where it was. Raises ConflictError unless it is paused."""
        row = await writable(self.work, actor, broadcast_id)
        before, row.state, row.reason = row.state, moved(row, Verb.RESUME), ""
        self._record(actor, "broadcast.resumed", row, before={"state": before})

    async def cancel(self, actor: Actor, broadcast_id: UUID, reason: str) -> None:
        """Nobody gets it any more but those of the batch that is on its way. Raises ConflictError, ServiceError."""
        row = await writable(self.work, actor, broadcast_id)
        before, after = row.state, moved(row, Verb.CANCEL)
        row.reason = self._reason(reason)
        row.state, row.finished_at = after, self.work.now
        if row.kind == BroadcastKind.PERSONAL:
            await personal.take_back(self.work, row)
        else:
            await self._release(row)
        count = await self.broadcasts.move(row.id, [RecipientState.PENDING], RecipientState.CANCELLED)
        self._record(
            actor,
            "broadcast.cancelled",
            row,
            before={"state": before},
            after={"not_sent": count},
            reason=row.reason,
        )

    async def retry(self, actor: Actor, broadcast_id: UUID) -> int:
        """Whoever failed gets another message, but for those whom nothing reaches and those of whom nobody knows.

        Raises ConflictError while it runs, ServiceError `broadcast.none_to_retry`, `broadcast.too_few`.
        """
        row = await writable(self.work, actor, broadcast_id)
        before, after = row.state, moved(row, Verb.RETRY)
        count = await self.broadcasts.retry_failed(row.id, not_codes=UNREACHABLE_CODES)
        if not count:
            raise ServiceError("broadcast.none_to_retry")
        if before == BroadcastState.FINISHED:
            self._ensure_some(row, count)
        row.state, row.finished_at = after, None
        self._record(actor, "broadcast.retried", row, before={"state": before}, after={"people": count})
        return count

    # ---- reading ---------------------------------------------------------------------------------------------

    async def list_lines(self, actor: Actor, *, page: int = 1) -> BroadcastPage:
        """The organisation's, the newest first. Raises ForbiddenError for others than staff."""
        own = visible_organisation(actor)
        rows, total = await self.broadcasts.list_page(own, offset=(page - 1) * PER_PAGE, limit=PER_PAGE)
        return page_of(rows, total, page, PER_PAGE)

    async def count_waiting(self, actor: Actor) -> int:
        """How many wait for somebody of the organisation: for an approval, or because they stand still."""
        return await self.broadcasts.count_in(
            visible_organisation(actor), (BroadcastState.SUBMITTED, BroadcastState.PAUSED)
        )

    async def show(self, actor: Actor, broadcast_id: UUID) -> BroadcastDetail:
        """Everything of one. Raises NotFoundError."""
        return await detail(self.work, await readable(self.work, actor, broadcast_id))

    async def audience_words(self, actor: Actor, broadcast_id: UUID) -> AudienceNames:
        """Whom it is for, in words. Raises NotFoundError."""
        row = await readable(self.work, actor, broadcast_id)
        return await names_of(self.work, Audience.of(row.audience))

    async def find_by_number(self, actor: Actor, number: int) -> UUID:
        """By the number that staff read out. Raises NotFoundError."""
        row = await self.broadcasts.find_by_number(number)
        if row is None:
            raise NotFoundError("broadcast.not_found")
        return (await readable(self.work, actor, row.id)).id

    async def picture(self, actor: Actor, broadcast_id: UUID) -> bytes:
        """Its picture. Raises NotFoundError."""
        row = await readable(self.work, actor, broadcast_id)
        if not row.picture_key:
            raise NotFoundError("broadcast.not_found")
        return await self.work.tools.files.get(row.picture_key)

    # ---- parts -----------------------------------------------------------------------------------------------

    def _check(self, draft: Draft, *, has_picture: bool) -> None:
        if draft.account not in self.work.tools.accounts:
            raise ServiceError("broadcast.account")
        check_title(draft.title)
        if not 0 <= draft.audience.rest_days <= MOST_REST_DAYS:
            raise ServiceError("broadcast.rest_days", limit=MOST_REST_DAYS)
        check_content(draft, has_picture=has_picture)

    async def _keep(self, broadcast_id: UUID, picture: Picture) -> str:
        """A new key for each picture: what was approved under another one cannot change."""
        check_picture(picture)
        digest = hashlib.sha256(picture.content).hexdigest()
        key = f"broadcasts/{broadcast_id}/{digest}"
        await self.work.tools.files.put(key, picture.content)
        return key

    async def _void(
        self, actor: Actor, row: Broadcast, after: BroadcastState, action: str, *, reason: str = ""
    ) -> None:
        before = {"state": row.state, "fingerprint": row.fingerprint}
        await self.audience.thaw(row.id)
        row.state, row.fingerprint, row.recipients, row.left_out = after, "", 0, {}
        row.submitted_by = row.submitted_by_name = row.approved_by = row.approved_by_name = ""
        row.submitted_at = row.approved_at = row.due_at = None
        row.material_id, row.reason = "", reason
        row.revision += 1
        self._record(actor, action, row, before=before, reason=reason)

    async def _fingerprint(self, row: Broadcast, people: str) -> str:
        words = json.dumps(
            {
                "account": row.account,
                "kind": row.kind,
                "content": row.content,
                "picture": row.picture_key.rpartition("/")[2],
                "recipients": row.recipients,
                "people": people,
            },
            ensure_ascii=False,
            sort_keys=True,
        )
        return hashlib.sha256(words.encode()).hexdigest()

    def _start(self, actor: Actor, row: Broadcast) -> None:
        row.state, row.started_at, row.due_at = moved(row, Verb.START), self.work.now, None
        self._record(actor, "broadcast.started", row, after={"recipients": row.recipients})

    async def _release(self, row: Broadcast) -> None:
        """A batch that waits for its next try and never left is given up."""
        chunk = await self.chunks.find_open(row.id, for_update=True)
        if chunk is not None and chunk.state == ChunkState.WAITING and not chunk.may_have_left:
            chunk.state, chunk.finished_at = ChunkState.RELEASED, self.work.now
            await self.chunks.move(chunk.id, RecipientState.PENDING, chunk_id=None, sent_at=None)

    def _ensure_some(self, row: Broadcast, recipients: int) -> None:
        if not recipients:
            raise ServiceError("broadcast.nobody")
        if row.kind == BroadcastKind.MASS and recipients < LEAST_OF_A_CHUNK:
            raise ServiceError("broadcast.too_few", least=LEAST_OF_A_CHUNK)

    def _reason(self, reason: str) -> str:
        return checked(
            reason, most=REASON_LENGTH, missing="broadcast.no_reason", too_long="broadcast.reason_long"
        )

    def _record(self, actor: Actor, action: str, row: Broadcast, **facts: Any) -> None:
        audit.record(
            self.work, actor, action, "broadcast", row.id, organisation_id=row.organisation_id, **facts
        )


async def hold(work: Work, actor: Actor, row: Broadcast, reason: str) -> None:
    """Pause a running broadcast that is locked, by hand or because too much fails. Raises ConflictError."""
    before, row.state, row.reason = row.state, moved(row, Verb.PAUSE), reason
    if row.kind == BroadcastKind.PERSONAL:
        await personal.take_back(work, row)
    audit.record(
        work,
        actor,
        "broadcast.paused",
        "broadcast",
        row.id,
        before={"state": before},
        reason=reason,
        organisation_id=row.organisation_id,
    )


def finish(work: Work, row: Broadcast) -> None:
    """Nobody waits any more."""
    if (row.state, Verb.FINISH) not in TRANSITIONS:
        return
    row.state, row.finished_at = moved(row, Verb.FINISH), work.now
    audit.record(
        work, _SYSTEM, "broadcast.finished", "broadcast", row.id, organisation_id=row.organisation_id
    )


def content_of(row: Broadcast) -> Content:
    """What it sends."""
    return Content.of(row.content)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
