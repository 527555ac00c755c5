"""Rollouts: how far one is, which revisions there were, and the way back. Used by ``kubectl rollout``."""
