"""Appeals 申诉 about results: lodged in the chat, answered with all figures, decided by people (B7).

The benchmark is never computed anew for an appeal: the one paper is marked again, and graded by the frozen snapshot.
"""

from services.appeals.certificates import NamedCertificateService
from services.appeals.deciding import decide
from services.appeals.desk import AppealDesk
from services.appeals.service import AppealService

__all__ = ["AppealDesk", "AppealService", "NamedCertificateService", "decide"]
