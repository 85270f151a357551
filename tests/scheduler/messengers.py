"""A messenger that sends nothing: it records, and answers as it is told."""

import asyncio
from dataclasses import dataclass, field

from services.ports import Reaction, SendOutcome


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What a follower would have seen."""

    kind: str
    openid: str
    text: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    url: str | None = None
    client_msg_id: str = ""


class RecordingMessenger:
    """`services.ports.Messenger`; `answers` are used up by kind (text, image, template), then all is well."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.answers: dict[str, list[SendOutcome | Exception]] = {}
        self.media: dict[str, bytes | Exception] = {}
        self.fetched: list[str] = []
        #: Set to let sends go on; they wait for it when given.
        self.gate: asyncio.Event | None = None
        self.waiting = asyncio.Event()

    def answer(self, kind: str, *reactions: Reaction, errcode: int = 0, msgid: str | None = None) -> None:
        """The next answers to sends of this kind."""
        outcomes = [SendOutcome(reaction=reaction, errcode=errcode, msgid=msgid) for reaction in reactions]
        self.answers.setdefault(kind, []).extend(outcomes)

    @property
    def kinds(self) -> list[str]:
        """Kinds of what was tried, in order."""
        return [sent.kind for sent in self.sent]

    @property
    def texts(self) -> list[str]:
        """Texts that were tried, in order."""
        return [sent.text for sent in self.sent if sent.kind == "text"]

    async def send_text(self, account: str, openid: str, text: str) -> SendOutcome:
        return await self._take(Sent(kind="text", openid=openid, text=text))

    async def send_image(self, account: str, openid: str, picture: bytes, filename: str) -> SendOutcome:
        return await self._take(Sent(kind="image", openid=openid, text=filename))

    async def send_template(
        self,
        account: str,
        openid: str,
        template_id: str,
        fields: dict[str, str],
        *,
        url: str | None,
        client_msg_id: str,
    ) -> SendOutcome:
        sent = Sent(
            kind="template",
            openid=openid,
            text=template_id,
            fields=fields,
            url=url,
            client_msg_id=client_msg_id,
        )
        return await self._take(sent)

    async def send_subscription(
        self, account: str, openid: str, template_id: str, fields: dict[str, str], *, url: str | None
    ) -> SendOutcome:
        return await self._take(
            Sent(kind="subscription", openid=openid, text=template_id, fields=fields, url=url)
        )

    async def fetch_media(self, account: str, media_id: str, *, max_bytes: int) -> bytes:
        self.fetched.append(media_id)
        found = self.media[media_id]
        if isinstance(found, Exception):
            raise found
        return found

    async def _take(self, sent: Sent) -> SendOutcome:
        self.sent.append(sent)
        if self.gate is not None:
            self.waiting.set()
            await self.gate.wait()
        queue = self.answers.get(sent.kind)
        answer = queue.pop(0) if queue else SendOutcome(reaction=Reaction.OK, msgid=f"m{len(self.sent)}")
        if isinstance(answer, Exception):
            raise answer
        return answer
