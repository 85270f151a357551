"""Staff 工作人员: accounts, passwords, and signed-in browsers kept in the database.

A password is kept as Argon2id, a browser's cookie only as its SHA-256. Five wrong passwords in a row lock an
account for 15 minutes. A sign-in lasts 12 hours after its last use.
"""

import asyncio
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services import audit
from services.access import ensure_admin, visible_organisation
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor, OrganisationStatus, StaffRole
from services.unit_of_work import Work
from storage.repositories.staff import StaffRepository
from storage.tables import Staff, StaffLogin

MINIMUM_PASSWORD_LENGTH = 10
MAXIMUM_PASSWORD_LENGTH = 200
FAILURES_BEFORE_LOCK = 5
LOCK = timedelta(minutes=15)
LIFETIME = timedelta(hours=12)
#: A sign-in is not written at every request: only when this much of it was used up.
_TOUCH_EVERY = timedelta(minutes=5)

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
# 19 MiB, two passes, one lane: OWASP's minimum, chosen so that several sign-ins at once fit a small machine.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: Verified for a login that does not exist, so that the answer takes as long as for one that does.
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """A signed-in browser."""

    #: What its cookie holds; we keep only the SHA-256.
    cookie_token: str
    #: What every form of this browser must carry.
    csrf_token: str
    actor: Actor
    #: Name of the organisation whose people they see, and its kind.
    organisation: str
    organisation_kind: str = ""


@dataclass(frozen=True, kw_only=True)
class StaffLine:
    """One account in a list."""

    id: UUID
    login: str
    name: str
    role: StaffRole
    organisation_id: UUID
    organisation: str
    #: Open, and of an organisation that has not ended.
    active: bool
    locked_until: datetime | None


class StaffService:
    """Accounts and sign-ins. Construct one for each unit of work."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.staff = StaffRepository(work.session)

    async def add(
        self,
        actor: Actor | None,
        *,
        login: str,
        name: str,
        password: str,
        role: StaffRole,
        organisation_id: UUID,
    ) -> StaffLine:
        """A new account; `actor` None is the command line. Login names are lower case.

        Raises:
            ServiceError: `staff.login_format`, `staff.name_empty`, `staff.password_short` (minimum),
                `staff.password_long` (maximum), `staff.password_simple`.
            ConflictError: `staff.login_taken`.
            ForbiddenError: not an administrator. NotFoundError: another organisation (B9).
        """
        who = actor or Actor.system("command line")
        ensure_admin(who)
        if visible_organisation(who) not in (None, organisation_id):
            raise NotFoundError("access.not_found")
        login, name = login.strip().lower(), name.strip()
        if not _LOGIN.fullmatch(login):
            raise ServiceError("staff.login_format")
        if not name:
            raise ServiceError("staff.name_empty")
        _check_password(password, login)
        if await self.staff.find_by_login(login) is not None:
            raise ConflictError("staff.login_taken", login=login)
        row = Staff(
            login=login,
            name=name,
            password_hash=await asyncio.to_thread(_HASHER.hash, password),
            role=role,
            organisation_id=organisation_id,
            created_at=self.work.now,
        )
        await self.staff.add(row)
        audit.record(
            self.work,
            who,
            "staff.added",
            "staff",
            row.id,
            after={"login": login, "role": role},
            organisation_id=organisation_id,
        )
        return next(line for line in await self._lines(organisation_id) if line.id == row.id)

    async def list_(self, actor: Actor | None = None) -> tuple[StaffLine, ...]:
        """The accounts that `actor` sees: of their organisation; all for None, the command line."""
        return await self._lines(visible_organisation(actor or Actor.system("command line")))

    async def set_password(self, actor: Actor | None, login: str, password: str) -> None:
        """Give an account a new password, unlock it, and sign it out everywhere.

        Raises: NotFoundError `staff.unknown`; ForbiddenError; ServiceError as `add`.
        """
        who = actor or Actor.system("command line")
        ensure_admin(who)
        row = await self.staff.find_by_login(login.strip().lower())
        if row is None or visible_organisation(who) not in (None, row.organisation_id):
            raise NotFoundError("staff.unknown", login=login)
        await self._change_password(who, row, password)
        await self.staff.delete_logins_of(row.id)

    async def change_own_password(self, signed_in: SignedIn, old: str, new: str) -> None:
        """Change one's own password; one's other browsers are signed out.

        Raises: ServiceError `staff.password_wrong`, and as `add`.
        """
        row = await self.staff.get(UUID(signed_in.actor.id))
        if not await asyncio.to_thread(_verify, row.password_hash, old):
            raise ServiceError("staff.password_wrong")
        await self._change_password(signed_in.actor, row, new)
        await self.staff.delete_logins_of(row.id, except_digest=_digest(signed_in.cookie_token))

    async def sign_in(self, login: str, password: str) -> SignedIn | None:
        """A new sign-in, or None: unknown, wrong, locked or closed, of an organisation that has ended; nobody is told which.

        None is no error, because the count of failures is to be committed.
        """
        row = await self.staff.find_by_login(login.strip().lower()[:64])
        right = await asyncio.to_thread(
            _verify, row.password_hash if row else _NOBODY, password[:MAXIMUM_PASSWORD_LENGTH]
        )
        if row is None:
            return None
        locked = row.locked_until is not None and row.locked_until > self.work.now
        if locked or not row.active:
            return None
        if not right:
            self._count_failure(row)
            return None
        if await self.staff.organisation_status(row.organisation_id) == OrganisationStatus.ENDED:
            return None
        row.failed_logins, row.locked_until = 0, None
        if _HASHER.check_needs_rehash(row.password_hash):
            row.password_hash = await asyncio.to_thread(_HASHER.hash, password)
        return await self._open(row)

    async def find(self, cookie_token: str) -> SignedIn | None:
        """Who holds this cookie, if the sign-in still lasts; using it makes it last 12 hours more."""
        found = await self.staff.find_login(_digest(cookie_token))
        if found is None:
            return None
        login, staff, organisation = found
        if login.expires_at <= self.work.now or not staff.active:
            return None
        if organisation.status == OrganisationStatus.ENDED:
            return None
        if self.work.now - login.last_used_at >= _TOUCH_EVERY:
            login.last_used_at = self.work.now
            login.expires_at = self.work.now + LIFETIME
        return SignedIn(
            cookie_token=cookie_token,
            csrf_token=login.csrf_token,
            actor=_actor(staff),
            organisation=organisation.name,
            organisation_kind=organisation.kind,
        )

    async def sign_out(self, cookie_token: str) -> None:
        """Forget this browser."""
        await self.staff.delete_login(_digest(cookie_token))

    async def _open(self, row: Staff) -> SignedIn:
        token = secrets.token_urlsafe(32)
        await self.staff.delete_logins_before(self.work.now)
        await self.staff.add_login(
            StaffLogin(
                token_digest=_digest(token),
                staff_id=row.id,
                csrf_token=secrets.token_urlsafe(24),
                created_at=self.work.now,
                last_used_at=self.work.now,
                expires_at=self.work.now + LIFETIME,
            )
        )
        audit.record(self.work, _actor(row), "staff.signed_in", "staff", row.id)
        signed_in = await self.find(token)
        if signed_in is None:
            raise LookupError("a sign-in that was just kept is gone")
        return signed_in

    def _count_failure(self, row: Staff) -> None:
        if row.locked_until is not None:  # an earlier lock that has run out: the count starts again
            row.failed_logins, row.locked_until = 0, None
        row.failed_logins += 1
        if row.failed_logins >= FAILURES_BEFORE_LOCK:
            row.locked_until = self.work.now + LOCK
            audit.record(
                self.work, _actor(row), "staff.locked", "staff", row.id, organisation_id=row.organisation_id
            )

    async def _change_password(self, actor: Actor, row: Staff, password: str) -> None:
        _check_password(password, row.login)
        row.password_hash = await asyncio.to_thread(_HASHER.hash, password)
        row.failed_logins, row.locked_until = 0, None
        audit.record(
            self.work, actor, "staff.password_changed", "staff", row.id, organisation_id=row.organisation_id
        )

    async def _lines(self, organisation_id: UUID | None) -> tuple[StaffLine, ...]:
        return tuple(
            StaffLine(
                id=row.id,
                login=row.login,
                name=row.name,
                role=StaffRole(row.role),
                organisation_id=row.organisation_id,
                organisation=organisation.name,
                active=row.active and organisation.status != OrganisationStatus.ENDED,
                locked_until=row.locked_until,
            )
            for row, organisation in await self.staff.list_with_organisation(organisation_id)
        )


def _actor(row: Staff) -> Actor:
    return Actor(
        kind="staff",
        id=str(row.id),
        name=row.name,
        organisation_id=row.organisation_id,
        role=StaffRole(row.role),
    )


def _check_password(password: str, login: str) -> None:
    if len(password) < MINIMUM_PASSWORD_LENGTH:
        raise ServiceError("staff.password_short", minimum=MINIMUM_PASSWORD_LENGTH)
    if len(password) > MAXIMUM_PASSWORD_LENGTH:
        raise ServiceError("staff.password_long", maximum=MAXIMUM_PASSWORD_LENGTH)
    if (login in password.lower() and len(password) < len(login) + 6) or len(set(password)) < 4:
        raise ServiceError("staff.password_simple")


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
