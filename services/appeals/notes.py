"""What both sides say of an appeal: kept encrypted, bound to its row (B7)."""

import uuid
from typing import Final
from uuid import UUID

from services.appeals.models import NoteView
from services.rules import plain_words
from services.rules.errors import InvalidValueError
from services.unit_of_work import Work
from storage.tables import AppealNote

#: Of what the person writes at once; who has more to say writes again.
LONGEST_WORDS: Final = 800
#: Of an answer and of a decision's reason, which go into one message.
LONGEST_ANSWER: Final = 400
MOST_WORDS: Final = 20
APPLICANT, STAFF = "applicant", "staff"


def context(note_id: UUID) -> bytes:
    """What a note's text is bound to."""
    return b"appeal_notes.text." + note_id.hex.encode()


def words_of(work: Work, note: AppealNote) -> str:
    """In the clear. Raises storage.crypto.DecryptionError."""
    return work.tools.keyring.decrypt_text(note.text_cipher, context=context(note.id))


def checked(text: str) -> str:
    """The person's words as they wrote them. Raises InvalidValueError `appeal.words_empty`, `appeal.words_long`."""
    words = plain_words.as_written(text)
    if not words:
        raise InvalidValueError("appeal.words_empty")
    if len(words) > LONGEST_WORDS:
        raise InvalidValueError("appeal.words_long", length=len(words), limit=LONGEST_WORDS)
    return words


def new(work: Work, appeal_id: UUID, words: str, *, said_by: str, name: str = "") -> AppealNote:
    """The row, not added."""
    note_id = uuid.uuid4()
    return AppealNote(
        id=note_id,
        appeal_id=appeal_id,
        said_by=said_by,
        said_by_name=name,
        text_cipher=work.tools.keyring.encrypt_text(words, context=context(note_id)),
        created_at=work.now,
    )


def view(work: Work, note: AppealNote) -> NoteView:
    """As the staff read it."""
    return NoteView(
        by_applicant=note.said_by == APPLICANT,
        name=note.said_by_name,
        text=words_of(work, note),
        at=note.created_at,
    )
