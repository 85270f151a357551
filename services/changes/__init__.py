"""Changes of personal data 资料变更 after the submission (E8).

Basic data (a) the person changes at once; important data (b) and qualification data (c) are requests that go through
the scheme's chain. `service` is the person's side, `desk` the staff's; `applying` writes what was decided into the
enrolment; papers that were issued stay as they were (`services.certificates.replacing`).
"""

from services.changes.desk import ChangeDesk
from services.changes.models import Begun, Changeable, ChangeDetail, ChangeLine, ChangePage
from services.changes.service import ChangeService

__all__ = ["Begun", "ChangeDesk", "ChangeDetail", "ChangeLine", "ChangePage", "ChangeService", "Changeable"]
