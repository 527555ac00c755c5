"""OpenAPI v2 and v3, generated from the scheme and Kubernetes' own definitions."""
