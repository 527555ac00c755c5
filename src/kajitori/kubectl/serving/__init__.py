"""kubectl as a local server: the API proxy and forwarded ports."""
