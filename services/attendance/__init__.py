"""Attendance 签到 and practice 实操: days of a class, who was there, what they did, and the hours of it (C8, B1)."""

from services.attendance.days import ClassDayService
from services.attendance.practice import PracticeService
from services.attendance.signing import SignInService
from services.attendance.taking_back import TakingBackService

__all__ = ["ClassDayService", "PracticeService", "SignInService", "TakingBackService"]
