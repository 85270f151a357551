"""What happens later: delivery, leadership, ticks, jobs."""
