"""Appointments 聘用 of people at laboratories (E1–E8): numbers, accounts and logins, coverage, evaluation, roster checks.

`service` finds and shows them, `appointing` makes them, `changes` suspends, restores and ends them, `accounts` keeps
business accounts and the login right, `coverage` what a laboratory's people must cover, `evaluations` the continuing
evaluation, `rosters` and `roster_answers` the check of who may log in, `public` the public list. What the stages of a
review carry out is in `stage_acts`. Who sees what is `visibility`'s.
"""

from services.appointments.models import AppointmentLine, AppointmentPage, AppointmentView
from services.appointments.service import AppointmentService

__all__ = ["AppointmentLine", "AppointmentPage", "AppointmentService", "AppointmentView"]
