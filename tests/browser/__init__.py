"""Chromium drives the phone and the console of a running demo. A pytest process of its own: `-m browser`."""
