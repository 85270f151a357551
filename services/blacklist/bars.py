"""Whether somebody is barred (C7): asked when a number is answered, at the submission, at the issue of a paper."""

from collections.abc import Mapping

from services.blacklist.models import Bar
from services.errors import ConflictError
from services.rules.localtime import local_day
from services.schemes.models import FieldKind, Scheme
from services.unit_of_work import Work
from storage.repositories.blacklist import BarRow, BlacklistRepository
from storage.repositories.people import Listing

#: Of the digests in `blacklist_entries`: another one than that of `persons`, so that the two cannot be joined.
DIGEST_CONTEXT = b"blacklist.identity_number"


class BarredError(ConflictError):
    """The person is on a blacklist that is in force; `.bar` says until when and whom to ask.

    `.disclosed` is whether the one who asks gave the person's own name: only then are they told the reason.
    """

    def __init__(self, bar: Bar, *, disclosed: bool) -> None:
        super().__init__(
            "blacklist.barred", until=bar.until.isoformat(), organisation=bar.organisation, phone=bar.phone
        )
        self.bar = bar
        self.disclosed = disclosed


async def find_bar(work: Work, scheme: Scheme, number: str) -> Bar | None:
    """What bars the bearer of this identity number today; None also for a scheme without a list. One statement."""
    listing = listing_of(work, scheme, number)
    if listing is None:
        return None
    row = await BlacklistRepository(work.session).find_in_force(listing)
    return as_bar(scheme, row) if row is not None else None


def listing_of(work: Work, scheme: Scheme, number: str) -> Listing | None:
    """The question whether this number is barred, to be asked within another statement; None without a list."""
    if scheme.blacklist is None:
        return None
    return Listing(
        list_key=scheme.blacklist.list,
        digests=work.tools.keyring.digests(number, context=DIGEST_CONTEXT),
        day=local_day(work.now),
    )


async def ensure_clear(work: Work, scheme: Scheme, *, number: str, name: str) -> None:
    """Raises BarredError. `number` is a valid identity number, `name` what was given with it."""
    bar = await find_bar(work, scheme, number)
    if bar is not None:
        raise BarredError(bar, disclosed=bool(name) and name == bar.name)


async def ensure_answers_clear(work: Work, scheme: Scheme, answers: Mapping[str, str]) -> None:
    """`ensure_clear` of whom these answers name; the identity number is one of them."""
    number, name = scheme.field_of_kind(FieldKind.IDENTITY_NUMBER), scheme.field_of_kind(FieldKind.NAME)
    if number is not None and name is not None:
        await ensure_clear(work, scheme, number=answers[number.key], name=answers.get(name.key, ""))


def as_bar(scheme: Scheme, row: BarRow) -> Bar:
    """The bar of an entry in force; `scheme` is the one that is asked for."""
    entry = row.entry
    if entry.starts_on is None or entry.last_on is None or scheme.blacklist is None:
        raise RuntimeError(f"blacklist entry {entry.id} is in force without days")
    return Bar(
        entry_id=entry.id,
        since=entry.starts_on,
        until=entry.last_on,
        reason=scheme.blacklist.label(entry.reason),
        organisation_id=entry.organisation_id,
        organisation=row.organisation.name,
        phone=str(row.organisation.facts.get("phone", "")),
        contacts=scheme.contacts,
        name=row.name,
    )
