"""The WeChat official-account platform on loopback, with a phone in the browser.

Speaks the platform's wire protocol both ways, for demos and tests. It stands alone: it imports nothing
of the program it talks to, and its cryptography is its own, so that each checks the other.
"""

from simulator.app import RunningSimulator, create_app, start
from simulator.config import AccountConfig, SimulatorConfig, TemplateConfig

__all__ = ["AccountConfig", "RunningSimulator", "SimulatorConfig", "TemplateConfig", "create_app", "start"]
