"""Inbound adapters: chat, console, public pages. They translate and never decide; they import services only."""
