"""Whole stories, through the simulator, over real HTTP and real PostgreSQL."""
