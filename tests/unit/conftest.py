"""Property tests have no deadline per example: the machine may be busy, and time is no claim of theirs."""

from hypothesis import settings

settings.register_profile("kajitori", deadline=None)
settings.load_profile("kajitori")
