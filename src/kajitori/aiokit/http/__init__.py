"""HTTP/1.1, the server's side: requests, responses, streams, upgrades, over httptools. Every component serves by it.

`server.HttpServer` takes a handler of everything; `routes.serve` a table of paths, for the few that most components
have. Knows nothing of Kubernetes. May import: aiokit, the standard library and httptools.
"""
