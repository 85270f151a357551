"""Notices 通知: what is sent, in which words, and the outbox rows that carry it."""

from services.notices.catalogue import NOTICES, Notice, TemplateUse
from services.notices.outbox import NoticeService

__all__ = ["NOTICES", "Notice", "NoticeService", "TemplateUse"]
