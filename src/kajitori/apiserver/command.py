"""`kajitori apiserver`: flags, own certificates where none are given, store, server, until a signal.

Every failure that a user can meet at start is one line on stderr and exit code 1. May import: flags, pki, server.
"""

import gc
import sys
from collections.abc import Sequence
from dataclasses import replace

from kajitori.aiokit import logs
from kajitori.aiokit.main import run_main
from kajitori.apiserver.config import ConfigError, ServerConfig
from kajitori.apiserver.flags import parse

log = logs.get_logger("apiserver")


def main(argv: Sequence[str]) -> int:
    """The process: returns its exit code."""
    config, given, warnings = parse(argv)
    logs.configure(given["v"], given["logging-format"], given["vmodule"])
    for warning in warnings:
        log.warning(warning)
    # objects here are trees: the collector finds little, so let it look rarely, and at few of them at a time
    gc.set_threshold(20_000, 5, 200)
    sys.setswitchinterval(0.0005)  # the store's commit thread must not wait long for the event loop to let go
    return run_main(lambda: told(config))


async def told(config: ServerConfig) -> int:
    """Serve; what a user can mend is told in one line."""
    try:
        return await run(config)
    except ConfigError as error:
        reason: str | None = str(error)
    except BaseExceptionGroup as group:
        reason = _reason(group)
        if reason is None:
            raise
    sys.stderr.write(f"Error: {reason}\n")
    return 1


async def run(config: ServerConfig) -> int:
    """Serve until cancelled."""
    from kajitori.apiserver.listening import listen
    from kajitori.apiserver.pki import complete
    from kajitori.apiserver.server import APIServer
    from kajitori.storage.interface import StoreError
    from kajitori.storage.opening import open_for

    try:
        sock = listen(config)  # first of all, so that a busy port leaves nothing behind
    except OSError as error:
        sys.stderr.write(f"Error: {describe(config, error)}\n")
        return 1
    try:
        config, own = complete(replace(config, secure_port=sock.getsockname()[1]))
        store = await open_for(config)
    except (OSError, ValueError, StoreError) as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1
    try:
        if own.kubeconfig is not None:
            sys.stdout.write(f"The admin kubeconfig is {own.kubeconfig}\n")
            sys.stdout.flush()
        await APIServer(config, store).run(sock)
    except* OSError as group:
        sys.stderr.write(f"Error: {describe(config, group.exceptions[0])}\n")
        return_code = 1
    else:
        return_code = 0
    finally:
        await store.close()
    return return_code


def describe(config: ServerConfig, error: BaseException) -> str:
    """An OSError in words that help."""
    import errno

    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return (
            f"failed to listen on {config.bind_address}:{config.secure_port}: address already in use. "
            "Stop what uses the port, or choose another with --secure-port."
        )
    return str(error)


def _reason(group: BaseExceptionGroup[BaseException]) -> str | None:
    first = group.exceptions[0]
    if isinstance(first, BaseExceptionGroup):
        return _reason(first)
    return str(first) if isinstance(first, OSError | ValueError) else None
