"""Every place where something lies encrypted: under which key each value is, and how a row is encrypted anew.

A new column or file that is encrypted gets its place here; the test of the rotation opens everything with the new key
alone. Not here, because they are over by themselves: spreadsheets between dry run and import (an hour), the
signatures of a paper's download address (seven days), and one-time links (hours).
"""

import base64
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from services.answers import seal, unseal
from services.appeals import notes as appeal_notes
from services.appointments.accounts import sealed_login
from services.appointments.views import LOGIN_CONTEXT
from services.blacklist.bars import DIGEST_CONTEXT
from services.blacklist.hearing import statement_context
from services.certificates import sealing
from services.changes import sealing as changed
from services.keys.place import Age, Files, NotRenewableError, Place
from services.people import IDENTITY_CONTEXT, identity_number
from services.unit_of_work import Work
from storage.repositories.key_rotation import KeyRotationRepository
from storage.tables import (
    AccessTokenRow,
    AppealNote,
    Attachment,
    AuthorisationFile,
    BlacklistEntry,
    BlacklistStatement,
    BusinessAccount,
    CardCancellation,
    Certificate,
    ChangeRequest,
    Document,
    Enrolment,
    InboundMessage,
    Payment,
    Person,
    PracticeRecord,
    RosterEntry,
    SupersededVoucher,
    VoidCopy,
)

#: WeChat asks again for a reply within 15 seconds; one that is older than this is never asked for.
REPLY_NEEDED: Final = timedelta(minutes=1)


class Persons(Place[Person]):
    """Identity numbers, and the digests that they are found by."""

    name = "persons"
    table = Person
    columns = ("identity_cipher", "identity_digest")

    async def ages(self, work: Work, row: Person) -> list[Age]:
        return [work.tools.keyring.age(row.identity_cipher)]

    async def renew(self, work: Work, row: Person) -> None:
        keyring = work.tools.keyring
        number = identity_number(work, row)
        digest = keyring.digest(number, context=IDENTITY_CONTEXT)
        if await KeyRotationRepository(work.session).has_other_person(digest, row.id):
            # Somebody wrote the same number with a process that did not have both keys yet.
            raise NotRenewableError("clash")
        row.identity_cipher = keyring.encrypt_text(number, context=IDENTITY_CONTEXT)
        row.identity_digest = digest


class BlacklistDigests(Place[BlacklistEntry]):
    """By which digest somebody is found on a blacklist: made anew from the person's own row (C7)."""

    name = "blacklist"
    table = BlacklistEntry
    columns = ("identity_digest",)

    async def ages(self, work: Work, row: BlacklistEntry) -> list[Age]:
        digests = work.tools.keyring.digests(await self._number(work, row), context=DIGEST_CONTEXT)
        return [digests.index(row.identity_digest) if row.identity_digest in digests else None]

    async def renew(self, work: Work, row: BlacklistEntry) -> None:
        row.identity_digest = work.tools.keyring.digest(await self._number(work, row), context=DIGEST_CONTEXT)

    async def _number(self, work: Work, row: BlacklistEntry) -> str:
        return identity_number(work, await work.session.get_one(Person, row.person_id))


class Statements(Place[BlacklistStatement]):
    """What people said of being put on a blacklist."""

    name = "blacklist_statements"
    table = BlacklistStatement
    columns = ("text_cipher",)

    async def ages(self, work: Work, row: BlacklistStatement) -> list[Age]:
        return [work.tools.keyring.age(row.text_cipher)]

    async def renew(self, work: Work, row: BlacklistStatement) -> None:
        keyring, context = work.tools.keyring, statement_context(row.id)
        row.text_cipher = keyring.encrypt_text(
            keyring.decrypt_text(row.text_cipher, context=context), context=context
        )


class AppealNotes(Place[AppealNote]):
    """What both sides said of appeals."""

    name = "appeal_notes"
    table = AppealNote
    columns = ("text_cipher",)

    async def ages(self, work: Work, row: AppealNote) -> list[Age]:
        return [work.tools.keyring.age(row.text_cipher)]

    async def renew(self, work: Work, row: AppealNote) -> None:
        words = appeal_notes.words_of(work, row)
        row.text_cipher = work.tools.keyring.encrypt_text(words, context=appeal_notes.context(row.id))


class Changes(Place[ChangeRequest]):
    """Old and new values of changes of personal data."""

    name = "changes"
    table = ChangeRequest
    columns = ("old_cipher", "new_cipher")

    async def ages(self, work: Work, row: ChangeRequest) -> list[Age]:
        return [work.tools.keyring.age(cipher) for cipher in (row.old_cipher, row.new_cipher)]

    async def renew(self, work: Work, row: ChangeRequest) -> None:
        old, new = changed.old_of(work, row), changed.new_of(work, row)
        row.old_cipher = changed.seal(work, row.id, "old", old)
        row.new_cipher = changed.seal(work, row.id, "new", new)


class Answers(Place[Enrolment]):
    """Answers of sensitive kinds, in every enrolment whatever its state."""

    name = "answers"
    table = Enrolment
    columns = ("answers",)

    async def ages(self, work: Work, row: Enrolment) -> list[Age]:
        return [work.tools.keyring.age(_head(value)) for value in self._sealed(work, row).values()]

    async def renew(self, work: Work, row: Enrolment) -> None:
        scheme = work.scheme(row.scheme_ref)
        renewed = {}
        for key, stored in self._sealed(work, row).items():
            field = scheme.field(key)
            renewed[key] = seal(work, field, row.id, unseal(work, field, row.id, stored))
        # Past the version counter: nobody who has this enrolment open is to be told that somebody changed it.
        await KeyRotationRepository(work.session).replace_answers(row.id, {**row.answers, **renewed})

    def _sealed(self, work: Work, row: Enrolment) -> dict[str, str]:
        scheme = work.scheme(row.scheme_ref)
        return {
            key: str(stored)
            for key, stored in row.answers.items()
            if scheme.has_field(key) and scheme.field(key).sensitive
        }


class Certificates(Place[Certificate]):
    """Who holds a certificate, and the token that its link is made of."""

    name = "certificates"
    table = Certificate
    columns = ("token_cipher", "token_digest", "holder_cipher")

    async def ages(self, work: Work, row: Certificate) -> list[Age]:
        return [work.tools.keyring.age(cipher) for cipher in (row.token_cipher, row.holder_cipher)]

    async def renew(self, work: Work, row: Certificate) -> None:
        token, holder = sealing.token_of(work, row), sealing.holder_of(work, row)
        row.token_digest, row.token_cipher = sealing.seal_token(work, row.id, token)
        row.holder_cipher = sealing.seal_holder(work, row.id, holder)


class VoidCopies(Place[VoidCopy]):
    """Earlier copies of cards: their tokens still lead to the answer that they are void."""

    name = "void_copies"
    table = VoidCopy
    columns = ("token_cipher", "token_digest", "holder_cipher")

    async def ages(self, work: Work, row: VoidCopy) -> list[Age]:
        return [work.tools.keyring.age(cipher) for cipher in (row.token_cipher, row.holder_cipher)]

    async def renew(self, work: Work, row: VoidCopy) -> None:
        token, holder = (
            sealing.token_in(work, row.certificate_id, row.token_cipher),
            sealing.holder_in(work, row.certificate_id, row.holder_cipher),
        )
        row.token_digest, row.token_cipher = sealing.seal_token(work, row.certificate_id, token)
        row.holder_cipher = sealing.seal_holder(work, row.certificate_id, holder)


class Accounts(Place[BusinessAccount]):
    """Logins, which may be identity numbers (E5), and the digests that they are found by."""

    name = "accounts"
    table = BusinessAccount
    columns = ("login_cipher", "login_digest")

    async def ages(self, work: Work, row: BusinessAccount) -> list[Age]:
        return [work.tools.keyring.age(row.login_cipher)]

    async def renew(self, work: Work, row: BusinessAccount) -> None:
        login = work.tools.keyring.decrypt_text(row.login_cipher, context=LOGIN_CONTEXT)
        digest, cipher = sealed_login(work, login)
        if await KeyRotationRepository(work.session).has_other_account(digest, row.id):
            raise NotRenewableError("clash")
        row.login_digest, row.login_cipher = digest, cipher


class Rosters(Place[RosterEntry]):
    """Logins of roster checks (E6)."""

    name = "rosters"
    table = RosterEntry
    columns = ("login_cipher", "login_digest")

    async def ages(self, work: Work, row: RosterEntry) -> list[Age]:
        return [] if row.login_cipher is None else [work.tools.keyring.age(row.login_cipher)]

    async def renew(self, work: Work, row: RosterEntry) -> None:
        if row.login_cipher is not None:
            login = work.tools.keyring.decrypt_text(row.login_cipher, context=LOGIN_CONTEXT)
            row.login_digest, row.login_cipher = sealed_login(work, login)


class AccessTokens(Place[AccessTokenRow]):
    """WeChat's access tokens: forgotten, for WeChat gives them again when asked."""

    name = "access_tokens"
    table = AccessTokenRow
    columns = ("token", "expires_at")

    async def ages(self, work: Work, row: AccessTokenRow) -> list[Age]:
        return [] if row.token is None else [work.tools.keyring.age(row.token)]

    async def renew(self, work: Work, row: AccessTokenRow) -> None:
        row.token = row.expires_at = None


class Replies(Place[InboundMessage]):
    """Replies kept for WeChat's repeats: forgotten once no repeat can come."""

    name = "replies"
    table = InboundMessage
    columns = ("reply_cipher",)

    async def ages(self, work: Work, row: InboundMessage) -> list[Age]:
        return [] if row.reply_cipher is None else [work.tools.keyring.age(row.reply_cipher)]

    async def renew(self, work: Work, row: InboundMessage) -> None:
        if row.received_at > work.now - REPLY_NEEDED:
            raise NotRenewableError("in_use")
        row.reply_cipher = None


#: In the order in which they are gone through.
PLACES: Final[Sequence[Place[Any]]] = (
    Persons(),
    BlacklistDigests(),
    Statements(),
    AppealNotes(),
    Changes(),
    Answers(),
    Certificates(),
    VoidCopies(),
    Accounts(),
    Rosters(),
    AccessTokens(),
    Replies(),
    # The crop that is offered for a picture lies next to it.
    Files("documents", Document, "file_key", "crop_key"),
    Files("vouchers", Payment, "voucher_key"),
    Files("older_vouchers", SupersededVoucher, "file_key"),
    Files("authorisation_files", AuthorisationFile, "file_key"),
    Files("attachments", Attachment, "file_key"),
    Files("practice_sheets", PracticeRecord, "file_key"),
    Files("cancellations", CardCancellation, "file_key"),
    Files("papers", Certificate, "pdf_key", "png_key"),
)


def _head(stored: str) -> bytes:
    try:
        return base64.b64decode(stored)
    except ValueError:
        return b""
