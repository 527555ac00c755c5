"""Objects on their way into the store: metadata, defaults, admission, validation, ownership of fields, deletion."""
