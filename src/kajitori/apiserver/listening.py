"""The socket that the flags ask for. May import: config."""

import socket

from kajitori.apiserver.config import ServerConfig


def listen(config: ServerConfig) -> socket.socket:
    """The bound, listening socket. Raises OSError (address in use, …)."""
    family = socket.AF_INET6 if ":" in config.bind_address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, config.permit_address_sharing)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, config.permit_port_sharing)
        sock.setblocking(False)
        sock.bind((config.bind_address, config.secure_port))
        sock.listen(1024)
    except OSError:
        sock.close()
        raise
    return sock
