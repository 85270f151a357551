"""The demo's made-up secrets: made once, kept beside its data, readable by their owner only."""

import json
import os
import secrets
import string
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.cli.environment import DEMO
from bot.demo.platform import template_ids

ACCOUNT = "main"
_ALPHANUMERIC = string.ascii_letters + string.digits
_KEPT = "secrets.json"
_ENVIRONMENT = "environment.json"


@dataclass(frozen=True, kw_only=True)
class DemoSecrets:
    """What a real installation would be given by WeChat and by its administrator."""

    secret_key: str
    app_id: str
    app_secret: str
    token: str
    aes_key: str
    original_id: str
    #: Password of the staff account `demo`.
    password: str

    @classmethod
    def load_or_make(cls, folder: Path) -> "DemoSecrets":
        """Those of `folder`, which are made on first use."""
        kept = folder / _KEPT
        if kept.exists():
            return cls(**json.loads(kept.read_text(encoding="utf-8")))
        made = cls(
            secret_key=secrets.token_urlsafe(36),
            app_id="wx" + secrets.token_hex(8),
            app_secret=secrets.token_hex(16),
            token=_letters(16),
            aes_key=_letters(42) + "A",
            original_id="gh_" + secrets.token_hex(6),
            password=f"demo-{_letters(8)}",
        )
        write_private(kept, json.dumps(asdict(made), indent=2))
        return made

    def environment(self, folder: Path, *, server_url: str, platform_url: str) -> dict[str, str]:
        """The settings of everything that belongs to the demo in `folder`, as environment variables."""
        account = f"ZHENGTU_WECHAT__{ACCOUNT.upper()}__"
        port = server_url.rsplit(":", 1)[-1]
        return {
            DEMO: "1",
            "ZHENGTU_DATA_DIR": str(folder.resolve()),
            # Whoever looks at the demo late in the evening waits for its messages too.
            "ZHENGTU_QUIET_HOURS": "false",
            # The phone opens links in a frame.
            "ZHENGTU_FRAMED_BY": platform_url,
            "ZHENGTU_PUBLIC_URL": server_url,
            "ZHENGTU_HOST": "127.0.0.1",
            "ZHENGTU_PORT": port,
            "ZHENGTU_SECRET_KEYS": self.secret_key,
            f"{account}APP_ID": self.app_id,
            f"{account}APP_SECRET": self.app_secret,
            f"{account}TOKEN": self.token,
            f"{account}AES_KEYS": self.aes_key,
            f"{account}ORIGINAL_ID": self.original_id,
            f"{account}MODE": "safe",
            f"{account}API_URL": platform_url,
            **{f"{account}TEMPLATES__{key.upper()}": value for key, value in template_ids(ACCOUNT).items()},
        }


def keep_environment(folder: Path, environment: dict[str, str]) -> None:
    """For `zhengtu --demo …`."""
    write_private(folder / _ENVIRONMENT, json.dumps(environment, ensure_ascii=False, indent=2))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(
        os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
    beside.replace(path)


def _letters(count: int) -> str:
    return "".join(secrets.choice(_ALPHANUMERIC) for _ in range(count))
