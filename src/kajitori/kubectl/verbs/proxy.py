"""kubectl proxy: the API on a local port, with the user's credentials added. May import: client, kubectl."""

from __future__ import annotations

import asyncio
import os
import re
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kajitori.kubectl.command import Command
from kajitori.kubectl.flags import Duration, Options, UsageError, flag

if TYPE_CHECKING:
    from kajitori.kubectl.context import Context
    from kajitori.kubectl.serving.apiproxy import Filter, Site


@dataclass(frozen=True, kw_only=True)
class ProxyOptions(Options):
    accept_hosts: str = flag(
        r"^localhost$,^127\.0\.0\.1$,^\[::1\]$", "Regular expression for hosts that the proxy should accept."
    )
    accept_paths: str = flag("^.*", "Regular expression for paths that the proxy should accept.")
    address: str = flag("127.0.0.1", "The IP address on which to serve on.")
    api_prefix: str = flag("/", "Prefix to serve the proxied API under.")
    append_server_path: bool = flag(False, "If true, the path of the server in the kubeconfig is put before each path.")
    disable_filter: bool = flag(False, "If true, requests are not filtered; any page in a browser may then use them.")
    keepalive: Duration = flag(Duration(0), "The keep-alive period of a connection; 0 for none.")
    port: int = flag(8001, "The port on which to run the proxy. Set to 0 to pick a random port.", short="p")
    reject_methods: str = flag(
        "^$", "Regular expression for HTTP methods that the proxy should reject (--reject-methods='POST,PUT,PATCH')."
    )
    reject_paths: str = flag(
        "^/api/.*/pods/.*/exec,^/api/.*/pods/.*/attach",
        "Regular expression for paths that the proxy should reject, even accepted ones.",
    )
    unix_socket: str = flag("", "Unix socket on which to run the proxy.", short="u")
    www: str = flag("", "Also serve static files from the given directory under the specified prefix.", short="w")
    www_prefix: str = flag("/static/", "Prefix to serve static files under, with --www.", short="P")

    def validate(self) -> None:
        if self.port != 8001 and self.unix_socket:
            raise UsageError("error: cannot set --unix-socket and --port at the same time")
        if self.www and not Path(self.www).is_dir():
            raise UsageError(f"error: stat {self.www}: no such file or directory")

    def filter(self) -> Filter | None:
        """None with --disable-filter; expressions are checked all the same and raise `UsageError`."""
        from kajitori.kubectl.serving.apiproxy import Filter, patterns

        try:
            made = Filter(
                accept_hosts=patterns(self.accept_hosts),
                accept_paths=patterns(self.accept_paths),
                reject_paths=patterns(self.reject_paths),
                reject_methods=patterns(self.reject_methods),
            )
        except re.error as error:
            raise UsageError(f"error: error parsing regexp: {error}") from error
        return None if self.disable_filter else made


async def run(opts: ProxyOptions, ctx: Context) -> None:
    site = _site(opts, ctx)
    if opts.disable_filter and not opts.unix_socket:
        ctx.streams.warn("Request filter disabled, your proxy is vulnerable to XSRF attacks, please be cautious")
    listener = _listen(opts)
    try:
        server = await asyncio.start_server(site.handle, sock=listener)
        ctx.streams.print(f"Starting to serve on {_name(listener)}")
        ctx.streams.out.flush()
        await server.serve_forever()
    finally:
        if opts.unix_socket:
            with suppress(OSError):
                os.unlink(opts.unix_socket)  # noqa: PTH108 (lean)


def _site(opts: ProxyOptions, ctx: Context) -> Site:
    from kajitori.kubectl.serving.apiproxy import Site

    return Site(
        transport=ctx.client().transport,
        filter=opts.filter(),
        prefix=opts.api_prefix if opts.api_prefix.endswith("/") else opts.api_prefix + "/",
        folder=Path(opts.www) if opts.www else None,
        static_prefix=opts.www_prefix if opts.www_prefix.endswith("/") else opts.www_prefix + "/",
    )


def _listen(opts: ProxyOptions) -> socket.socket:
    """Raises UsageError in Go's words."""
    if opts.unix_socket:
        return _listen_on_file(opts.unix_socket)
    if not 0 <= opts.port < 65536:
        raise UsageError(f"error: listen tcp: address {opts.port}: invalid port")
    family = socket.AF_INET6 if ":" in opts.address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((opts.address, opts.port))
        listener.listen()
    except OSError as error:
        listener.close()
        where = f"[{opts.address}]" if family == socket.AF_INET6 else opts.address
        why = (error.strerror or str(error)).lower()
        raise UsageError(f"error: listen tcp {where}:{opts.port}: bind: {why}") from error
    return listener


def _listen_on_file(path: str) -> socket.socket:
    with suppress(FileNotFoundError):
        if Path(path).is_socket():
            Path(path).unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o077)
    try:
        listener.bind(path)
        listener.listen()
    except OSError as error:
        listener.close()
        raise UsageError(f"error: listen unix {path}: bind: {(error.strerror or '').lower()}") from error
    finally:
        os.umask(before)
    return listener


def _name(listener: socket.socket) -> str:
    name = listener.getsockname()
    if isinstance(name, str):
        return name
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


COMMAND = Command(
    name="proxy",
    short="Run a proxy to the Kubernetes API server",
    long="""Creates a proxy server or application-level gateway between localhost and the Kubernetes API server.

 It can serve static files too. What comes in on one port goes to the API server, but for the paths of the files.""",
    examples="""# All of the Kubernetes API and nothing else
kubectl proxy --api-prefix=/

# Part of the API and some files; pods are at localhost:8001/api/v1/pods
kubectl proxy --www=/my/files --www-prefix=/static/ --api-prefix=/api/

# Another root: localhost:8001/custom/api/v1/pods
kubectl proxy --api-prefix=/custom/

# Port 8011, with files of ./local/www/
kubectl proxy --port=8011 --www=./local/www/

# Any port; it is printed
kubectl proxy --port=0

# localhost:8001/k8s-api/v1/pods/
kubectl proxy --api-prefix=/k8s-api""",
    usage="proxy [--port=PORT] [--www=static-dir] [--www-prefix=prefix] [--api-prefix=prefix] [options]",
    options=ProxyOptions,
    run=run,
)
