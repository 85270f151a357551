"""Uploads 上传: a spreadsheet between its dry run and its import, kept encrypted for an hour for the one who sent it.

There is one place a person and kind, so a new upload takes the place of the old one and nothing piles up.
"""

import hmac
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.errors import NotFoundError
from services.models import Actor
from services.unit_of_work import Work
from storage.files import FileMissingError

LIFETIME = timedelta(hours=1)

_KIND = re.compile(r"[a-z]{1,20}")


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file that waits for its import."""

    #: Random; who has it and is the sender may use the file.
    token: str
    filename: str
    content: bytes
    #: What the sender said about it besides (a sitting's code), empty for nothing.
    about: str


class UploadService:
    """Files kept for a moment."""

    def __init__(self, work: Work) -> None:
        self.work = work

    async def keep(self, actor: Actor, kind: str, filename: str, content: bytes, *, about: str = "") -> str:
        """Keep it for an hour; gives the token to ask for it. `kind` is a short lower-case word of ours."""
        token = secrets.token_hex(16)
        head = {
            "token": token,
            "filename": filename[:200],
            "about": about,
            "until": (self.work.now + LIFETIME).isoformat(),
        }
        await self.work.tools.files.put(_key(actor, kind), json.dumps(head).encode() + b"\n" + content)
        return token

    async def get(self, actor: Actor, kind: str, token: str) -> Upload:
        """The file again. Raises NotFoundError `upload.gone`: expired, replaced, used, or not theirs."""
        try:
            kept = await self.work.tools.files.get(_key(actor, kind))
        except FileMissingError as error:
            raise NotFoundError("upload.gone") from error
        first, _, content = kept.partition(b"\n")
        head = json.loads(first)
        if not hmac.compare_digest(head["token"].encode(), token.encode()):
            raise NotFoundError("upload.gone")
        if datetime.fromisoformat(head["until"]) <= self.work.now:
            await self.drop(actor, kind)
            raise NotFoundError("upload.gone")
        return Upload(token=token, filename=head["filename"], content=content, about=head["about"])

    async def drop(self, actor: Actor, kind: str) -> None:
        """Forget it; none is no error."""
        await self.work.tools.files.delete(_key(actor, kind))


def _key(actor: Actor, kind: str) -> str:
    if not _KIND.fullmatch(kind):
        raise ValueError(f"{kind!r} is no kind of upload")
    return f"uploads/{actor.id}/{kind}"
