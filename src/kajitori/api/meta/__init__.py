"""The types that every object shares: metadata, selectors, Status."""
