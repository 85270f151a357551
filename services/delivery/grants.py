"""Grants for subscription notices 订阅通知: given in a pop-up, spent by one message each, taken back in the settings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.unit_of_work import Work
from storage.repositories.grants import GrantRepository
from storage.repositories.receipts import ReceiptRepository

_POPUP: Final = "subscribe_msg_popup_event"
_CHANGE: Final = "subscribe_msg_change_event"
_SENT: Final = "subscribe_msg_sent_event"
_ELEMENTS: Final[Mapping[str, str]] = {
    _POPUP: "SubscribeMsgPopupEvent",
    _CHANGE: "SubscribeMsgChangeEvent",
    _SENT: "SubscribeMsgSentEvent",
}
#: Templates in one event.
_MOST: Final = 20
_ID_LIMIT: Final = 128
#: What WeChat says of a notice that the person does not take.
_REFUSED: Final = "43101"


@dataclass(frozen=True)
class _Item:
    template_id: str
    fields: Mapping[str, str]


class GrantService:
    """The ledger of one person's grants."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.grants = GrantRepository(work.session)

    @staticmethod
    def concerns(event: str) -> bool:
        """Whether an event is about subscription notices."""
        return event.lower() in _ELEMENTS

    async def take(self, account: str, follower_id: UUID, event: str, facts: Mapping[str, str]) -> None:
        """What a pop-up, a change of settings, or a message that was sent says; `facts` are its flat fields."""
        for item in _items(event.lower(), facts):
            match event.lower():
                case "subscribe_msg_popup_event":
                    if item.fields.get("SubscribeStatusString") == "accept":
                        await self.grants.add(follower_id, item.template_id, self.work.now)
                case "subscribe_msg_change_event":
                    if item.fields.get("SubscribeStatusString") == "reject":
                        await self.grants.change({(follower_id, item.template_id): 0}, self.work.now)
                case _:
                    await self._sent(account, follower_id, item)

    async def _sent(self, account: str, follower_id: UUID, item: _Item) -> None:
        code, msgid = item.fields.get("ErrorCode", "0"), item.fields.get("MsgID", "")[:_ID_LIMIT]
        if code == _REFUSED:
            await self.grants.change({(follower_id, item.template_id): 0}, self.work.now)
        if not msgid:
            return
        words = item.fields.get("ErrorStatus", "")[:200]
        status = "success" if code in ("", "0") else f"failed: {code} {words}".strip()
        message = await self.grants.join(account, msgid, status, follower_id, self.work.now)
        if message is not None:
            await ReceiptRepository(self.work.session).settle({message: status}, self.work.now)


def _items(event: str, facts: Mapping[str, str]) -> Iterator[_Item]:
    for place in range(_MOST):
        head = f"{_ELEMENTS[event]}.List.{place}."
        fields = {name.removeprefix(head): value for name, value in facts.items() if name.startswith(head)}
        template_id = fields.get("TemplateId", "")
        if not template_id:
            return
        if len(template_id) <= _ID_LIMIT:
            yield _Item(template_id, fields)
