"""`zhengtu doctor`: looks at one thing after the other and says in plain words what is wrong and what to do.

It changes nothing: one small file is written and deleted again, and WeChat is only asked.
"""

from bot.doctor.examination import examine
from bot.doctor.findings import Finding, Verdict

__all__ = ["Finding", "Verdict", "examine"]
