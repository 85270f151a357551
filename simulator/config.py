"""What a simulated platform is told before it starts: official accounts, template list, timings."""

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Mode = Literal["safe", "plain"]

#: Calls a day and account that the platform grants when the configuration says nothing else.
DEFAULT_DAILY_LIMITS: Mapping[str, int] = {
    "/cgi-bin/token": 2_000,
    "/cgi-bin/stable_token": 500_000,
    "/cgi-bin/message/custom/send": 500_000,
    "/cgi-bin/message/template/send": 100_000,
    "/cgi-bin/message/mass/preview": 100,
    "/cgi-bin/message/mass/send": 100,
    "/cgi-bin/message/mass/sendall": 100,
    "/cgi-bin/media/upload": 100_000,
    "/cgi-bin/media/get": 200_000,
    "/cgi-bin/menu/create": 1_000,
    "/cgi-bin/menu/get": 10_000,
    "/cgi-bin/menu/delete": 1_000,
    "/cgi-bin/qrcode/create": 100_000,
    "/cgi-bin/user/info": 5_000_000,
    "/cgi-bin/user/get": 500,
}

_PLACEHOLDER = re.compile(r"\{\{(\w+)\.DATA\}\}")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TemplateConfig(_Frozen):
    """One template of an account's private list.

    `content` is written as on the platform: one field a line, `标签：{{thing1.DATA}}`.
    """

    template_id: str
    title: str
    content: str

    @property
    def field_names(self) -> list[str]:
        """The fields a sender has to fill, in the order in which they are shown."""
        return _PLACEHOLDER.findall(self.content)

    def lines(self, values: Mapping[str, str]) -> list[tuple[str, str]]:
        """Label and value of each line as the follower sees them; an empty label when there is none."""
        shown = []
        for line in self.content.splitlines():
            match = _PLACEHOLDER.search(line)
            if match is None:
                if line.strip():
                    shown.append(("", line.strip()))
                continue
            label = line[: match.start()].strip().rstrip(":：").strip()
            shown.append((label, values.get(match.group(1), "")))
        return shown


class AccountConfig(_Frozen):
    """An official account as its owner configured it on the platform."""

    name: str = "main"
    #: What the phone shows at the top of the chat.
    title: str = "证途"
    app_id: str
    app_secret: str
    token: str = Field(min_length=3, max_length=32)
    #: EncodingAESKey: 43 characters of base64 without padding.
    aes_key: str
    original_id: str = "gh_5d1a7e0c3b42"
    #: Where callbacks go, for example http://127.0.0.1:8080/wechat/main
    callback_url: str
    mode: Mode = "safe"
    templates: tuple[TemplateConfig, ...] = ()

    @field_validator("aes_key")
    @classmethod
    def _is_a_key(cls, value: str) -> str:
        if len(value) != 43 or len(base64.b64decode(value + "=")) != 32:
            raise ValueError("an EncodingAESKey has 43 base64 characters (32 bytes)")
        return value


class SimulatorConfig(_Frozen):
    """The whole platform: its accounts and how patient it is."""

    accounts: tuple[AccountConfig, ...] = Field(min_length=1)
    #: Seconds a callback may take before the same request is repeated.
    callback_timeout: float = 5.0
    #: How often one callback is tried in all.
    callback_tries: int = Field(default=3, ge=1)
    #: Seconds between a refused connection and the next try.
    connect_pause: float = 1.0
    #: Overrides of `DEFAULT_DAILY_LIMITS`, by API path.
    daily_limits: dict[str, int] = Field(default_factory=dict)
    #: Nothing is kept on disk without it.
    state_dir: Path | None = None

    @model_validator(mode="after")
    def _accounts_are_distinct(self) -> Self:
        for key in ("name", "app_id", "original_id"):
            values = [getattr(account, key) for account in self.accounts]
            if len(values) != len(set(values)):
                raise ValueError(f"two accounts share the same {key}")
        return self

    def daily_limit(self, path: str) -> int | None:
        """Calls a day that one account may make to `path`; None when unlimited."""
        return self.daily_limits.get(path, DEFAULT_DAILY_LIMITS.get(path))
