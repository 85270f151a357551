"""Faults on purpose: processes killed at every await, clocks that jump, a platform that answers badly.

Whatever is random comes from one seed: it is printed, and `ZHENGTU_CHAOS_SEED` repeats it. `make chaos` runs them at
full size (`ZHENGTU_CHAOS=full`). What each fault leads to is told in docs/reliability.md.
"""
