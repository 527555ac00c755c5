"""Free TCP ports for tests. May import: the standard library."""

import socket


def free_port(host: str = "127.0.0.1") -> int:
    """A port that was free a moment ago; whoever can should bind to port 0 instead."""
    with socket.socket() as sock:
        sock.bind((host, 0))
        port: int = sock.getsockname()[1]
        return port
