"""The API server's durable, revisioned, watchable store: the interface and its engines."""
