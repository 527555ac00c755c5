"""Encryption at rest: what the store's file holds of Secrets, and of whatever else is to be unreadable there."""
