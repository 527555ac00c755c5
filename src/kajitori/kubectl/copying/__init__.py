"""Copying files between this machine and containers, as tar streams through exec. Used by ``kubectl cp``."""
