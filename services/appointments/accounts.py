"""Business accounts and the right to log in (E1, E5, E6).

The account itself is made by staff in CQC's own system; here it is put on file, and here it is said who may use it. The
right follows the appointment at once; that the business system was told is confirmed by whoever told it.
"""

import re
from datetime import date
from uuid import UUID, uuid4

from services import audit
from services.appointments.views import LOGIN_CONTEXT
from services.errors import ConflictError, ServiceError
from services.models import Actor
from services.rules.localtime import local_day
from services.rules.text import normalise
from services.unit_of_work import Work
from storage.appointment_states import AccountOrigin, AppointmentState, LoginRight
from storage.repositories.appointments import AppointmentRepository
from storage.repositories.business_accounts import BusinessAccountRepository
from storage.tables import BusinessAccount

_LOGIN = re.compile(r"[0-9A-Za-z_.@\-]{2,40}")


def read_login(typed: str) -> str:
    """A login as it is kept: letters, digits and _ . @ -, 2 to 40 of them. Raises ServiceError `account.login`."""
    login = normalise(typed).upper() if normalise(typed)[:-1].isdigit() else normalise(typed)
    if not _LOGIN.fullmatch(login):
        raise ServiceError("account.login")
    return login


def sealed_login(work: Work, login: str) -> tuple[bytes, bytes]:
    """(keyed digest, cipher text) of a login; letters are the same in both cases."""
    keyring = work.tools.keyring
    return (
        keyring.digest(login.lower(), context=LOGIN_CONTEXT),
        keyring.encrypt_text(login, context=LOGIN_CONTEXT),
    )


def login_digests(work: Work, login: str) -> tuple[bytes, ...]:
    """A login's digest under every secret key."""
    return tuple(work.tools.keyring.digests(login.lower(), context=LOGIN_CONTEXT))


def right_after(right: LoginRight, states: frozenset[str]) -> LoginRight:
    """The right that follows from the states of all of a person's appointments (E6).

    A right that was never granted, or was revoked, is not granted by itself.
    """
    if right in (LoginRight.NONE, LoginRight.REVOKED):
        return right
    if AppointmentState.ACTIVE in states:
        return LoginRight.GRANTED
    return LoginRight.SUSPENDED if AppointmentState.SUSPENDED in states else LoginRight.REVOKED


async def register(
    work: Work,
    actor: Actor,
    person_id: UUID,
    *,
    login: str,
    origin: AccountOrigin,
    mailed_on: date | None,
    organisation_id: UUID,
    scheme_ref: str,
) -> None:
    """Put a person's account on file, or correct it (E5); the caller has checked who asks.

    Raises:
        ServiceError: `account.login`; `account.mailed_on` for a day that has not come.
        ConflictError: `account.login_taken`, somebody else has it.
    """
    login = read_login(login)
    if mailed_on is not None and mailed_on > local_day(work.now):
        raise ServiceError("account.mailed_on")
    accounts = BusinessAccountRepository(work.session)
    other = await accounts.find_by_login(login_digests(work, login))
    if other is not None and other.person_id != person_id:
        raise ConflictError("account.login_taken")
    digest, cipher = sealed_login(work, login)
    account = await accounts.find(person_id)
    before = (
        {} if account is None else {"origin": account.origin, "mailed_on": _iso(account.password_mailed_on)}
    )
    if account is None:
        account = BusinessAccount(
            id=uuid4(),
            person_id=person_id,
            origin=origin,
            login_cipher=cipher,
            login_digest=digest,
            created_by=actor.name,
            password_mailed_on=mailed_on,
            right=LoginRight.NONE,
            created_at=work.now,
        )
        await accounts.add(account)
    else:
        account.origin, account.password_mailed_on = origin, mailed_on
        account.login_digest, account.login_cipher = digest, cipher
    audit.record(
        work,
        actor,
        "account.registered",
        "account",
        account.id,
        before=before,
        after={"origin": origin.value, "mailed_on": _iso(mailed_on)},
        organisation_id=organisation_id,
        scheme_ref=scheme_ref,
    )


async def ensure_on_file(work: Work, person_id: UUID) -> BusinessAccount:
    """The person's account, ready to be used.

    Raises:
        ConflictError: `account.missing`; `account.password_not_mailed` for a new account whose password was not mailed.
    """
    account = await BusinessAccountRepository(work.session).find(person_id)
    if account is None:
        raise ConflictError("account.missing")
    if account.origin == AccountOrigin.CREATED and account.password_mailed_on is None:
        raise ConflictError("account.password_not_mailed")
    return account


async def follow(work: Work, actor: Actor, person_id: UUID, *, organisation_id: UUID, reason: str) -> None:
    """Let the login right follow the person's appointments, in this transaction (E6)."""
    account = await BusinessAccountRepository(work.session).find(person_id)
    if account is None:
        return
    await work.session.flush()
    states = await AppointmentRepository(work.session).states_of(person_id)
    _turn(work, actor, account, right_after(LoginRight(account.right), states), organisation_id, reason)


async def purge(work: Work, actor: Actor, person_id: UUID, *, organisation_id: UUID, reason: str) -> None:
    """Take the login right away, whatever the appointment says (E6, after a roster check)."""
    account = await BusinessAccountRepository(work.session).find(person_id)
    if account is not None and account.right != LoginRight.NONE:
        _turn(work, actor, account, LoginRight.REVOKED, organisation_id, reason)


async def grant(work: Work, actor: Actor, person_id: UUID, *, organisation_id: UUID) -> bool:
    """Grant the login to somebody who is appointed (E1); says whether it was not granted before.

    Raises:
        ConflictError: `account.missing`, `account.password_not_mailed`; `login.not_appointed`.
    """
    account = await ensure_on_file(work, person_id)
    states = await AppointmentRepository(work.session).states_of(person_id)
    if AppointmentState.ACTIVE not in states:
        raise ConflictError("login.not_appointed")
    fresh = account.right != LoginRight.GRANTED
    _turn(work, actor, account, LoginRight.GRANTED, organisation_id, "")
    # Whoever grants it does so in the business system.
    account.requested_at, account.applied_at = None, work.now
    return fresh


def _turn(
    work: Work, actor: Actor, account: BusinessAccount, right: LoginRight, organisation_id: UUID, reason: str
) -> None:
    before = account.right
    if before == right:
        return
    account.right, account.right_changed_at, account.applied_at = right, work.now, None
    audit.record(
        work,
        actor,
        "login.right_changed",
        "account",
        account.id,
        before={"right": before},
        after={"right": right.value},
        reason=reason,
        organisation_id=organisation_id,
    )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None
