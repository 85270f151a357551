"""What happens later: ticks, the job queue, delivery. Imports services and storage."""
