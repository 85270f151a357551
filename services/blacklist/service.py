"""Deciding about the blacklist, two people each time, and reading it as far as one may (C7, B9)."""

from datetime import date
from uuid import UUID

from services import attachments, audit
from services.access import ensure_another, visible_organisation
from services.blacklist import access, proposing, telling, views
from services.blacklist.bars import find_bar
from services.blacklist.models import Bar, BlacklistDetail, BlacklistPage
from services.blacklist.obstacles import obstacle
from services.blacklist.proposing import Charge, list_of, record
from services.enrolments.stages import Stages
from services.errors import ConflictError, NotFoundError
from services.models import Actor, BlacklistState, EnrolmentState
from services.people import identity_number
from services.rules import barring, identity, plain_words
from services.rules.localtime import local_day
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.repositories.attachments import AttachmentRepository
from storage.repositories.blacklist import BlacklistRepository
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.people import PeopleRepository
from storage.tables import BlacklistEntry

LONGEST_REASON = 200


class BlacklistService:
    """What staff do with the blacklist."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.blacklist = BlacklistRepository(work.session)

    # ---- deciding -------------------------------------------------------------------------------------------

    async def propose(self, actor: Actor, enrolment_id: UUID, charge: Charge) -> BlacklistDetail:
        """Propose the person of an enrolment, who is told at once and heard first. Raises as `proposing`."""
        entry = await proposing.by_enrolment(self.work, actor, enrolment_id, charge)
        return await views.detail(self.work, actor, entry)

    async def propose_by_number(
        self, actor: Actor, list_key: str, number: str, name: str, charge: Charge
    ) -> BlacklistDetail:
        """Propose somebody who is not enrolled here. Raises as `proposing.by_number`."""
        entry = await proposing.by_number(self.work, actor, list_key, number, name, charge)
        return await views.detail(self.work, actor, entry)

    async def serve(self, actor: Actor, entry_id: UUID, served_on: date) -> None:
        """The person was told on paper on this day. Raises as `proposing.served_on_paper`."""
        await proposing.served_on_paper(self.work, actor, entry_id, served_on)

    async def confirm(self, actor: Actor, entry_id: UUID, reason: str) -> BlacklistDetail:
        """Bar the person from today, for the list's years; what they handed in and nobody decided yet is blocked.

        Raises:
            ForbiddenError: `blacklist.same_person` as the one who proposed it; `access.read_only`.
            ConflictError: `blacklist.not_proposed`, `blacklist.not_told`, `blacklist.not_delivered` (no message
                arrived: tell on paper), `blacklist.hearing_open` (`until`), `blacklist.not_read` (something was said
                that this actor has not opened).
            InvalidValueError: `words.…` of the reason. NotFoundError: another organisation's (B9).
        """
        entry = await access.locked(self.work, actor, entry_id)
        ensure_another(actor, entry.proposed_by, "blacklist.same_person")
        hindrance = await obstacle(self.work, actor, entry)
        if hindrance.code:
            raise ConflictError(hindrance.code, **hindrance.facts)
        blacklist = list_of(self.work, entry)
        entry.decision_reason = plain_words.reason(reason, most=LONGEST_REASON, label="认定理由")
        entry.state = BlacklistState.CONFIRMED
        self._decided(actor, entry)
        entry.starts_on = local_day(self.work.now)
        entry.last_on = barring.last_barred_day(entry.starts_on, blacklist.years)
        await self._block(actor, entry)
        record(
            self.work,
            actor,
            "blacklist.confirmed",
            entry,
            before={"state": BlacklistState.PROPOSED},
            after={"state": entry.state, "last_on": entry.last_on.isoformat()},
            reason=entry.decision_reason,
        )
        await telling.decision(self.work, entry, blacklist)
        return await views.detail(self.work, actor, entry)

    async def dismiss(self, actor: Actor, entry_id: UUID, reason: str) -> None:
        """Not barred, with the reason that the person reads. Whoever proposed it may take it back so."""
        entry = await access.locked(self.work, actor, entry_id)
        if entry.state != BlacklistState.PROPOSED:
            raise ConflictError("blacklist.not_proposed", state=entry.state)
        entry.decision_reason = plain_words.reason(reason, most=LONGEST_REASON, label="理由")
        entry.state = BlacklistState.DISMISSED
        self._decided(actor, entry)
        record(
            self.work,
            actor,
            "blacklist.dismissed",
            entry,
            before={"state": BlacklistState.PROPOSED},
            after={"state": entry.state},
            reason=entry.decision_reason,
        )
        await telling.decision(self.work, entry, list_of(self.work, entry))

    async def propose_lift(self, actor: Actor, entry_id: UUID, reason: str) -> None:
        """Propose to end it before its day. Raises ConflictError `blacklist.not_in_force`, `blacklist.lift_waits`."""
        entry = await self._in_force(actor, entry_id)
        if entry.lift_proposed_by is not None:
            raise ConflictError("blacklist.lift_waits")
        entry.lift_reason = plain_words.reason(reason, most=LONGEST_REASON, label="解除理由")
        entry.lift_proposed_by, entry.lift_proposed_by_name = actor.id, actor.name
        entry.lift_proposed_at = self.work.now
        record(self.work, actor, "blacklist.lift_proposed", entry, reason=entry.lift_reason)

    async def confirm_lift(self, actor: Actor, entry_id: UUID) -> None:
        """End it; another person than the one who proposed that. Raises as `confirm`, `blacklist.no_lift`."""
        entry = await self._in_force(actor, entry_id)
        if entry.lift_proposed_by is None:
            raise ConflictError("blacklist.no_lift")
        ensure_another(actor, entry.lift_proposed_by, "blacklist.same_person")
        entry.state = BlacklistState.LIFTED
        entry.lifted_by, entry.lifted_by_name, entry.lifted_at = actor.id, actor.name, self.work.now
        record(
            self.work,
            actor,
            "blacklist.lifted",
            entry,
            before={"state": BlacklistState.CONFIRMED},
            after={"state": entry.state},
            reason=entry.lift_reason,
        )
        await telling.decision(self.work, entry, list_of(self.work, entry))

    async def decline_lift(self, actor: Actor, entry_id: UUID, reason: str) -> None:
        """It stays in force; the proposal stays in the audit log. Raises ConflictError `blacklist.no_lift`."""
        entry = await self._in_force(actor, entry_id)
        if entry.lift_proposed_by is None:
            raise ConflictError("blacklist.no_lift")
        why = plain_words.reason(reason, most=LONGEST_REASON, label="理由")
        before: dict[str, object] = {"lift_reason": entry.lift_reason}
        entry.lift_proposed_by = entry.lift_proposed_by_name = entry.lift_proposed_at = None
        entry.lift_reason = ""
        record(self.work, actor, "blacklist.lift_declined", entry, before=before, reason=why)

    async def add_evidence(self, actor: Actor, entry_id: UUID, filename: str, content: bytes) -> None:
        """One more file, while it is not decided. Raises as `attachments.add_file`."""
        entry = await access.locked(self.work, actor, entry_id)
        if entry.state != BlacklistState.PROPOSED:
            raise ConflictError("blacklist.not_proposed", state=entry.state)
        await attachments.add_file(
            self.work, "evidence", filename, content, added_by=actor.name, entry_id=entry.id
        )
        record(self.work, actor, "blacklist.evidence_added", entry)

    # ---- reading --------------------------------------------------------------------------------------------

    async def list_lines(
        self, actor: Actor, *, state: str | None = None, page: int = 1, per_page: int = 25
    ) -> BlacklistPage:
        """Of the actor's organisation, and of the lists that it oversees; the newest first."""
        page = max(page, 1)
        total, rows = await self.blacklist.page(
            organisation_id=visible_organisation(actor),
            overseen=access.overseen_lists(self.work, await access.kind_of(self.work, actor)),
            state=state,
            offset=(page - 1) * per_page,
            limit=per_page,
        )
        items = tuple(views.line(self.work, entry, name, organisation) for entry, name, organisation in rows)
        return BlacklistPage(items=items, total=total, page=page, pages=max(1, -(-total // per_page)))

    async def lists(self, actor: Actor) -> tuple[Scheme, ...]:
        """A scheme for each list that the actor's organisation keeps with others."""
        return await access.list_keepers(self.work, actor)

    async def find_by_number(self, actor: Actor, number: int) -> UUID:
        """The entry of this running number. Raises NotFoundError."""
        return (await access.readable(self.work, actor, await self.blacklist.find_by_number(number))).id

    async def show(self, actor: Actor, entry_id: UUID) -> BlacklistDetail:
        """One entry with what was said of it; that this actor has read it is kept. Raises NotFoundError."""
        entry = await access.readable(self.work, actor, await self.blacklist.find(entry_id, for_update=True))
        if actor.kind == "staff":
            entry.read_by = {**entry.read_by, actor.id: self.work.now.isoformat()}
        record(self.work, actor, "blacklist.viewed", entry)
        return await views.detail(self.work, actor, entry)

    async def check(self, actor: Actor, list_key: str, number: str) -> Bar | None:
        """Whether the bearer of this number is barred, for anybody who keeps the list; the look is logged.

        Raises:
            NotFoundError: `blacklist.no_list`, also for one that the actor's organisation does not keep.
            services.rules.errors.InvalidValueError: no identity number.
        """
        keepers = await access.list_keepers(self.work, actor)
        scheme = next((one for one in keepers if one.blacklist and one.blacklist.list == list_key), None)
        if scheme is None:
            raise NotFoundError("blacklist.no_list")
        parsed = identity.parse(number, today=local_day(self.work.now))
        bar = await find_bar(self.work, scheme, parsed.number)
        audit.record(
            self.work,
            actor,
            "blacklist.checked",
            "blacklist",
            bar.entry_id if bar is not None else list_key,
            after={"list": list_key, "found": bar is not None},
        )
        return bar

    async def bar_of_enrolment(self, enrolment_id: UUID) -> Bar | None:
        """Whether this enrolment's person is barred; the caller has checked who asks."""
        enrolment = await EnrolmentRepository(self.work.session).find(enrolment_id)
        if enrolment is None or enrolment.person_id is None:
            return None
        scheme = self.work.scheme(enrolment.scheme_ref)
        if scheme.blacklist is None:
            return None
        person = await PeopleRepository(self.work.session).get_person(enrolment.person_id)
        return await find_bar(self.work, scheme, identity_number(self.work, person))

    async def may_read(self, actor: Actor, entry_id: UUID) -> bool:
        """Whether the entry itself, with its evidence, is open to this actor (B9)."""
        try:
            await access.readable(self.work, actor, await self.blacklist.find(entry_id))
        except NotFoundError:
            return False
        return True

    async def file(self, actor: Actor, attachment_id: UUID) -> tuple[bytes, str, str]:
        """Content, media type and title of a file; the look is logged. Raises NotFoundError."""
        row = await AttachmentRepository(self.work.session).find(attachment_id)
        if row is None or row.blacklist_entry_id is None:
            raise NotFoundError("attachment.not_found")
        entry = await access.readable(self.work, actor, await self.blacklist.find(row.blacklist_entry_id))
        record(self.work, actor, "blacklist.file_viewed", entry, after={"kind": row.role})
        return await attachments.content_of(self.work, row)

    # ---- inside ---------------------------------------------------------------------------------------------

    def _decided(self, actor: Actor, entry: BlacklistEntry) -> None:
        entry.decided_by, entry.decided_by_name, entry.decided_at = actor.id, actor.name, self.work.now

    async def _in_force(self, actor: Actor, entry_id: UUID) -> BlacklistEntry:
        entry = await access.locked(self.work, actor, entry_id)
        if entry.state != BlacklistState.CONFIRMED or views.is_over(self.work, entry):
            raise ConflictError("blacklist.not_in_force", state=entry.state)
        return entry

    async def _block(self, actor: Actor, entry: BlacklistEntry) -> None:
        """Nothing of the person is accepted: what waits for a decision is decided so, wherever it waits."""
        shared = sorted(
            {
                scheme.id
                for scheme, blacklist in access.schemes_with_a_list(self.work)
                if blacklist.list == entry.list_key
            }
        )
        for enrolment in await self.blacklist.undecided_enrolments(entry.person_id, shared):
            before, enrolment.state = enrolment.state, EnrolmentState.BLOCKED
            enrolment.decided_at = self.work.now
            enrolment.decision_reason = "已列入黑名单，不予受理"
            await Stages(self.work).end(enrolment, actor, enrolment.decision_reason)
            audit.record_enrolment(
                self.work,
                actor,
                "enrolment.blocked",
                enrolment,
                before={"state": before},
                after={"state": enrolment.state},
            )
