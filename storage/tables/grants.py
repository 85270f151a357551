"""What people have agreed to be sent as a subscription notice 订阅通知."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base


class SubscriptionGrant(Base):
    """How many notices of a template a person still takes: one grant, one message."""

    __tablename__ = "subscription_grants"

    follower_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("followers.id"), primary_key=True)
    template_id: Mapped[str] = mapped_column(primary_key=True)
    grants: Mapped[int]
    updated_at: Mapped[datetime]
