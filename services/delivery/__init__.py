"""Delivery 投递: outbox messages are claimed, tried, finished and joined with their receipts."""
