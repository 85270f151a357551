"""WeChat's access tokens, one row an official account, shared by all processes."""

from datetime import date, datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base


class AccessTokenRow(Base):
    """The token in force. The row is locked while it is renewed, so that only one process asks WeChat."""

    __tablename__ = "access_tokens"

    #: Our name of the account.
    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    #: Whose token it is: after the account got another app id, an old token is no token.
    app_id: Mapped[str] = mapped_column(String(64), default="")
    #: Encrypted; WeChat's token has up to 512 characters. None before the first.
    token: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: When WeChat stops accepting it.
    expires_at: Mapped[datetime | None]
    #: When WeChat was last asked, whatever it gave.
    refreshed_at: Mapped[datetime | None]
    #: Counts up with every different token.
    version: Mapped[int] = mapped_column(default=0)
    #: The last force_refresh, for the 30 s between two.
    forced_at: Mapped[datetime | None]
    #: The Shanghai day that `forced_times` counts, for the 20 a day.
    forced_on: Mapped[date | None]
    forced_times: Mapped[int] = mapped_column(default=0)
