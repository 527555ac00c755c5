"""Applying one object: by the client's three-way merge or by the server, and pruning what is configured no more."""
