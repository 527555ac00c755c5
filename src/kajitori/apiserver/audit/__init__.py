"""The audit log: who asked what, when, and what came of it."""
