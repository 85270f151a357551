"""Retention 保存期限: review material and exam files are kept for ten years and longer (C11).

On the first day of a month `report_due` writes, for each organisation, what has been kept long enough. Nothing is deleted
by that: one administrator proposes it, another confirms with a second look, and a job then deletes the files. The rows and
the audit log stay.
"""

from services.retention.due import report_due
from services.retention.models import RetentionDetail, RetentionLine, RetentionPage, RetentionPerson
from services.retention.purging import purge_again, purge_some
from services.retention.service import RetentionService

__all__ = [
    "RetentionDetail",
    "RetentionLine",
    "RetentionPage",
    "RetentionPerson",
    "RetentionService",
    "purge_again",
    "purge_some",
    "report_due",
]
