"""All settings, from the environment (`ZHENGTU_…`, nested with `__`). Frozen after start."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

#: What a demo uses when nothing is configured; a production start refuses it.
DEMO_SECRET = "demo-only-secret-never-use-in-production-0000"  # noqa: S105 - refused outside the demo


class WeChatSettings(BaseModel):
    """One official account, `ZHENGTU_WECHAT__<NAME>__…`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    app_id: str
    app_secret: str
    token: str
    #: EncodingAESKey, 43 characters; the first is current, the next the previous one.
    aes_keys: Annotated[tuple[str, ...], NoDecode] = ()
    original_id: str = ""
    mode: Literal["safe", "plain"] = "safe"
    api_url: str = "https://api.weixin.qq.com"
    #: Mass sends to openids (service accounts), or to a tag alone (subscription accounts may not otherwise).
    mass_by: Literal["openid", "tag"] = "openid"
    #: Template ids by our key: progress, payment, study, exam, result, certificate.
    templates: dict[str, str] = Field(default_factory=dict)

    #: Ids of subscription notices 订阅通知 by the same keys, with the same fields.
    subscriptions: dict[str, str] = Field(default_factory=dict)

    @field_validator("aes_keys", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            tuple(part.strip() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("aes_keys")
    @classmethod
    def _lengths(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(len(key) != 43 for key in value):
            raise ValueError("EncodingAESKey 应为 43 个字符")
        return value


class Settings(BaseSettings):
    """The settings table of the README."""

    model_config = SettingsConfigDict(
        env_prefix="ZHENGTU_", env_nested_delimiter="__", frozen=True, extra="forbid", env_ignore_empty=True
    )

    database_url: str | None = None
    data_dir: Path = Path("var")
    #: Where files lie: a folder or `s3://bucket/prefix`; default `<data_dir>/files`.
    files_url: str | None = None
    public_url: str = "http://127.0.0.1:8080"
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    secret_keys: Annotated[tuple[str, ...], NoDecode] = ()
    schemes_dir: Path | None = None
    #: Behind a reverse proxy that sets X-Forwarded-For: its last entry is the visitor.
    trust_proxy: bool = False
    #: Origins whose pages may show ours in a frame, comma-separated: a demo's phone. None in production.
    framed_by: Annotated[tuple[str, ...], NoDecode] = ()
    #: What can wait is not sent from 21:00 to 08:00.
    quiet_hours: bool = True
    #: The organisation that enrolments go to when a scheme's account names none.
    organisation: str = "贵州省 ISO9000 质量促进会"
    wechat: dict[str, WeChatSettings] = Field(default_factory=dict)
    #: An address of its own for `/metrics`, `/healthz` and `/readyz`; a worker has no other. None: only the server's.
    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    metrics_host: str = "127.0.0.1"
    #: Who shows it as a bearer token may read `/metrics` from anywhere.
    metrics_token: str = Field(default="", repr=False)
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("secret_keys", "framed_by", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            tuple(part.strip() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("wechat", mode="before")
    @classmethod
    def _lower_names(cls, value: object) -> object:
        return (
            {str(name).lower(): account for name, account in value.items()}
            if isinstance(value, dict)
            else value
        )

    @field_validator("public_url")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @model_validator(mode="after")
    def _metrics_are_guarded(self) -> Self:
        if self.metrics_token and len(self.metrics_token) < 16:
            raise ValueError("ZHENGTU_METRICS_TOKEN 至少 16 个字符，例如 openssl rand -hex 24 的输出")
        if self.metrics_host not in ("127.0.0.1", "::1", "localhost") and not self.metrics_token:
            raise ValueError("ZHENGTU_METRICS_HOST 不是本机地址时，必须设置 ZHENGTU_METRICS_TOKEN")
        return self

    def missing_for_production(self) -> list[str]:
        """What a real installation still has to set, each as a sentence with the variable's name."""
        missing = []
        if not self.secret_keys or DEMO_SECRET in self.secret_keys:
            missing.append(
                "ZHENGTU_SECRET_KEYS：至少 32 个字符的随机密钥，例如 openssl rand -base64 48 的输出"
            )
        if not self.public_url.startswith("https://"):
            missing.append("ZHENGTU_PUBLIC_URL：对外的 https 地址，例如 https://zhengtu.example.org")
        if not self.wechat:
            missing.append(
                "ZHENGTU_WECHAT__MAIN__APP_ID、…__APP_SECRET、…__TOKEN、…__AES_KEYS：公众号后台的开发者参数"
            )
        missing.extend(
            f"ZHENGTU_WECHAT__{name.upper()}__AES_KEYS：安全模式需要 43 个字符的 EncodingAESKey"
            for name, account in self.wechat.items()
            if account.mode == "safe" and not account.aes_keys
        )
        return missing

    @property
    def files_location(self) -> str:
        """Where files lie."""
        return self.files_url or str(self.data_dir.resolve() / "files")

    @classmethod
    def load(cls) -> Self:
        """From the environment. Raises pydantic.ValidationError."""
        return cls()
