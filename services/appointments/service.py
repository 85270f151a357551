"""Finding and showing appointments, and what officers do with one of them."""

from collections.abc import Collection
from uuid import UUID

from services import audit
from services.access import ensure_officer
from services.appointments import accounts, changes, evaluations
from services.appointments.coverage import CoverageService
from services.appointments.models import (
    AppointmentLine,
    AppointmentPage,
    AppointmentView,
    DecisionView,
    EvaluationView,
    HistoryLine,
    May,
)
from services.appointments.telling import tell_granted
from services.appointments.views import LOGIN_CONTEXT, account_view, labels, line
from services.appointments.visibility import ensure_department, granting_kinds, kind_of, reach_of, terms_of
from services.errors import ConflictError, ForbiddenError, NotFoundError
from services.models import Actor, StaffRole
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.appointment_states import AppointmentState, Decision, LoginRight
from storage.repositories.appointments import AppointmentFilter, AppointmentRepository, AppointmentRow
from storage.repositories.business_accounts import BusinessAccountRepository
from storage.repositories.enrolments import EnrolmentRepository

#: Kept in the audit log, and nothing that became of an appointment.
_LOOKS = frozenset(("login.revealed",))


class AppointmentService:
    """Appointments of one unit of work."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.appointments = AppointmentRepository(work.session)

    # ---- reading --------------------------------------------------------------------------------------------

    async def list_lines(
        self,
        actor: Actor,
        *,
        state: str | None = None,
        field: str = "",
        laboratory_id: UUID | None = None,
        query: str = "",
        page: int = 1,
        per_page: int = 50,
    ) -> AppointmentPage:
        """What the actor sees, by laboratory and name; `query` is part of a name, a number or a laboratory's name."""
        wanted = AppointmentFilter(
            reach=await reach_of(self.work, actor),
            states=(state,) if state else (),
            laboratory_id=laboratory_id,
            field=field[:40],
            query=query.strip()[:40],
        )
        page = max(page, 1)
        total, rows = await self.appointments.page(wanted, offset=(page - 1) * per_page, limit=per_page)
        return AppointmentPage(
            items=tuple(line(self.work, row) for row in rows),
            total=total,
            page=page,
            pages=max(1, -(-total // per_page)),
        )

    async def find_by_number(self, actor: Actor, number: str) -> UUID:
        """The newest appointment under this 聘用号 that the actor sees. Raises NotFoundError."""
        wanted = AppointmentFilter(reach=await reach_of(self.work, actor), query=number.strip())
        _, rows = await self.appointments.page(wanted, offset=0, limit=50)
        exact = [row for row in rows if row.number == number.strip().upper()]
        if not exact:
            raise NotFoundError("appointment.not_found")
        # One that stands before one that is over.
        return min(
            exact,
            key=lambda row: (
                row.appointment.state == AppointmentState.ENDED,
                -row.appointment.created_at.timestamp(),
            ),
        ).appointment.id

    async def show(self, actor: Actor, appointment_id: UUID) -> AppointmentView:
        """One appointment with its history and evaluations. Raises NotFoundError."""
        row = await self._seen(actor, appointment_id)
        one, scheme = row.appointment, self.work.scheme(row.appointment.scheme_ref)
        uncovered = await CoverageService(self.work).would_uncover(one)
        return AppointmentView(
            line=line(self.work, row),
            enrolment_id=one.enrolment_id,
            account=account_view(self.work, row.account) if row.account is not None else None,
            would_uncover=labels(scheme, uncovered),
            marks=terms_of(scheme).marks,
            evaluations=tuple(
                EvaluationView(
                    period=item.period,
                    organisation=name,
                    mark=item.mark,
                    remark=item.remark,
                    evaluated_by=item.evaluated_by,
                    at=item.created_at,
                )
                for item, name in await self.appointments.evaluations(one.id)
            ),
            decisions=tuple(
                DecisionView(
                    period=item.period,
                    decision=Decision(item.decision),
                    reason=item.reason,
                    decided_by=item.decided_by,
                    at=item.created_at,
                )
                for item in await self.appointments.decisions(one.id)
            ),
            history=tuple(
                HistoryLine(
                    at=entry.at,
                    actor=entry.actor_name,
                    action=entry.action,
                    reason=entry.reason,
                    before=entry.before,
                    after=entry.after,
                )
                for entry in await self.appointments.history(one.id)
                # Looks are in the audit log; here stands what became of it.
                if entry.action not in _LOOKS
            ),
            may=await self._may(actor, row),
        )

    async def of_follower(self, follower_id: UUID) -> tuple[AppointmentLine, ...]:
        """What a follower's own enrolments led to, the newest first: one statement."""
        return tuple(line(self.work, row) for row in await self.appointments.of_follower(follower_id))

    # ---- deciding -------------------------------------------------------------------------------------------

    async def suspend(
        self, actor: Actor, appointment_id: UUID, reason: str, *, uncovers: Collection[str] = ()
    ) -> AppointmentLine:
        """For now not appointed; the login is suspended with it. Raises as `changes.change`."""
        return await self._change(actor, appointment_id, AppointmentState.SUSPENDED, reason, uncovers)

    async def restore(self, actor: Actor, appointment_id: UUID, reason: str) -> AppointmentLine:
        """Appointed again after a suspension; a login that was granted is back. Raises as `changes.change`."""
        return await self._change(actor, appointment_id, AppointmentState.ACTIVE, reason, ())

    async def end(
        self, actor: Actor, appointment_id: UUID, reason: str, *, uncovers: Collection[str] = ()
    ) -> AppointmentLine:
        """No longer appointed; the number stays the person's. Raises as `changes.change`."""
        return await self._change(actor, appointment_id, AppointmentState.ENDED, reason, uncovers)

    async def evaluate(
        self, actor: Actor, appointment_id: UUID, *, period: str, mark: str, remark: str
    ) -> None:
        """Raises as `evaluations.evaluate` (E7)."""
        await evaluations.evaluate(self.work, actor, appointment_id, period=period, mark=mark, remark=remark)

    async def decide(
        self,
        actor: Actor,
        appointment_id: UUID,
        decision: Decision,
        reason: str,
        *,
        period: str,
        uncovers: Collection[str] = (),
    ) -> None:
        """Raises as `evaluations.decide` (E7)."""
        await evaluations.decide(
            self.work, actor, appointment_id, decision, reason, period=period, uncovers=uncovers
        )

    # ---- logins ---------------------------------------------------------------------------------------------

    async def request_login(self, actor: Actor, appointment_id: UUID) -> None:
        """Ask for a login for somebody who is appointed and has none (E6): the laboratory, or whoever stands above it.

        Raises:
            NotFoundError, ForbiddenError: not theirs.
            ConflictError: `login.not_appointed`, `account.missing`, `login.granted`.
        """
        row = await self._seen(actor, appointment_id)
        if actor.organisation_id is not None:
            ensure_officer(actor, actor.organisation_id)
        account = await BusinessAccountRepository(self.work.session).find(row.appointment.person_id)
        if row.appointment.state != AppointmentState.ACTIVE:
            raise ConflictError("login.not_appointed")
        if account is None:
            raise ConflictError("account.missing")
        if account.right == LoginRight.GRANTED:
            raise ConflictError("login.granted")
        account.requested_at = self.work.now
        self._record(actor, row, "login.requested")

    async def grant_login(self, actor: Actor, appointment_id: UUID) -> None:
        """Grant it, as the department that grants (E6: 综合业务部). Raises as `accounts.grant`; ForbiddenError."""
        row = await self._seen(actor, appointment_id)
        await ensure_department(self.work, actor, granting_kinds(self._scheme(row)))
        if await accounts.grant(
            self.work, actor, row.appointment.person_id, organisation_id=row.appointment.organisation_id
        ):
            self._record(actor, row, "login.granted")
            # A refusal of before is history now; stage and log keep it.
            enrolment = await EnrolmentRepository(self.work.session).get(row.appointment.enrolment_id)
            enrolment.decision_reason = ""
            await tell_granted(self.work, row.appointment)

    async def confirm_right(self, actor: Actor, appointment_id: UUID) -> None:
        """The business system says the same now as the login right here. Raises NotFoundError, ForbiddenError."""
        row = await self._seen(actor, appointment_id)
        await ensure_department(self.work, actor, terms_of(self._scheme(row)).logins_by)
        account = await BusinessAccountRepository(self.work.session).find(row.appointment.person_id)
        if account is None:
            raise ConflictError("account.missing")
        account.applied_at = self.work.now
        self._record(actor, row, "login.applied", right=account.right)

    async def reveal_login(self, actor: Actor, appointment_id: UUID) -> str:
        """The login in full, for those who set the business system; the look is logged."""
        row = await self._seen(actor, appointment_id)
        if row.account is None:
            raise ConflictError("account.missing")
        self._record(actor, row, "login.revealed")
        return self.work.tools.keyring.decrypt_text(row.account.login_cipher, context=LOGIN_CONTEXT)

    # ---- inside ---------------------------------------------------------------------------------------------

    async def _seen(self, actor: Actor, appointment_id: UUID) -> AppointmentRow:
        row = await self.appointments.find(appointment_id, await reach_of(self.work, actor))
        if row is None:
            raise NotFoundError("appointment.not_found")
        return row

    async def _change(
        self,
        actor: Actor,
        appointment_id: UUID,
        state: AppointmentState,
        reason: str,
        uncovers: Collection[str],
    ) -> AppointmentLine:
        await changes.change(self.work, actor, appointment_id, state, reason, uncovers=uncovers)
        await self.work.session.flush()
        return line(self.work, await self._seen(actor, appointment_id))

    def _scheme(self, row: AppointmentRow) -> Scheme:
        return self.work.scheme(row.appointment.scheme_ref)

    async def _is_of(self, actor: Actor, kinds: tuple[str, ...]) -> bool:
        try:
            await ensure_department(self.work, actor, kinds)
        except ForbiddenError:
            return False
        return True

    async def _may(self, actor: Actor, row: AppointmentRow) -> May:
        one = row.appointment
        writes = actor.kind == "system" or (
            actor.organisation_id is not None and actor.role is not StaffRole.VIEWER
        )
        own = actor.organisation_id is not None and actor.organisation_id == one.organisation_id
        kind = await kind_of(self.work, actor.organisation_id) if actor.organisation_id else ""
        terms = terms_of(self.work.scheme(one.scheme_ref))
        granted = row.account is not None and row.account.right == LoginRight.GRANTED
        active = one.state == AppointmentState.ACTIVE
        return May(
            decide=writes and (own or actor.kind == "system"),
            evaluate=one.state != AppointmentState.ENDED
            and await evaluations.may_evaluate(self.work, actor, one),
            request_login=writes
            and active
            and not granted
            and row.account is not None
            and row.account.requested_at is None
            and kind not in terms.logins_by,
            grant_login=active
            and not granted
            and await self._is_of(actor, granting_kinds(self._scheme(row))),
            confirm_right=await self._is_of(actor, terms.logins_by),
        )

    def _record(self, actor: Actor, row: AppointmentRow, action: str, **after: str) -> None:
        audit.record(
            self.work,
            actor,
            action,
            "appointment",
            row.appointment.id,
            after=after,
            organisation_id=row.appointment.organisation_id,
            scheme_ref=row.appointment.scheme_ref,
        )
