"""Streams over one connection: SPDY/3.1, WebSocket channels, and what Kubernetes builds on them.

`frames` and `websocket` are codecs without I/O; `spdy` is a session over a byte stream; `channels` knows the remote
command sub-protocols; `remotecommand` and `portforward` are the client's exec, attach and port-forward.
Import the submodule you need: kubectl pays only for what it uses. May import: machinery, aiokit, client transport.
"""
