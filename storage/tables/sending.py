"""What all processes that send go by: rests, circuits, counts and token buckets of each account."""

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base


class ApiRest(Base):
    """An API of an account that is not called until a time (45009, 45011 and their kin)."""

    __tablename__ = "api_rests"

    account: Mapped[str] = mapped_column(primary_key=True)
    #: A value of `services.rules.delivery.Channel`.
    api: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    errcode: Mapped[int]
    since: Mapped[datetime]


class Circuit(Base):
    """An account whose configuration WeChat refuses: a row is an open circuit."""

    __tablename__ = "circuits"

    account: Mapped[str] = mapped_column(primary_key=True)
    #: By the database's clock.
    opened_at: Mapped[datetime]
    errcode: Mapped[int]
    errmsg: Mapped[str]
    #: When one message may try, and how many have.
    probe_at: Mapped[datetime]
    probes: Mapped[int] = mapped_column(default=0)


class ApiCount(Base):
    """Calls of a day (Shanghai's, as WeChat counts)."""

    __tablename__ = "api_counts"

    account: Mapped[str] = mapped_column(primary_key=True)
    api: Mapped[str] = mapped_column(primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    calls: Mapped[int]


class SendBucket(Base):
    """Tokens of an account, filled by the database's clock."""

    __tablename__ = "send_buckets"

    account: Mapped[str] = mapped_column(primary_key=True)
    tokens: Mapped[float]
    #: A second; less than the limit after a 45011, until it has come back.
    rate: Mapped[float]
    filled_at: Mapped[datetime]
    #: What was given last.
    granted: Mapped[int]
