"""Payments 缴费: what is owed, what a person says was transferred, what staff find on the account."""
