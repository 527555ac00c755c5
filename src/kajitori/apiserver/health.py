"""/healthz, /livez, /readyz: named checks, each also alone, `?verbose` and `?exclude=`; /metrics/slis counts them.

Why a check failed is told by the check alone and in the log: the endpoints as a whole are for everybody.
May import: aiokit, config, storage.interface, handlers.dispatch.
"""

import asyncio
from collections.abc import Awaitable, Callable

from kajitori.aiokit.http.message import Request, Response
from kajitori.aiokit.http.routes import METRICS_TYPE
from kajitori.aiokit.logs import get_logger
from kajitori.aiokit.metrics import Registry
from kajitori.apiserver.config import ServerConfig
from kajitori.apiserver.handlers.dispatch import PathNotFound, plain
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.user import UserInfo
from kajitori.machinery import gotext
from kajitori.storage.interface import Store, StoreError

log = get_logger("apiserver.health")
Check = Callable[[], str | Awaitable[str]]
"""Returns why something is not well; "" when it is."""
STORE_TIMEOUT_S = 2.0

_HOOKS = """
    start-apiserver-admission-initializer generic-apiserver-start-informers start-apiextensions-informers
    start-apiextensions-controllers crd-informer-synced start-system-namespaces-controller
    start-cluster-authentication-info-controller start-service-ip-repair-controllers rbac/bootstrap-roles
    scheduling/bootstrap-system-priority-classes bootstrap-controller aggregator-reload-proxy-client-cert
    start-kube-aggregator-informers apiservice-status-local-available-controller
    apiservice-status-remote-available-controller apiservice-registration-controller apiservice-discovery-controller
    kube-apiserver-autoregistration apiservice-openapi-controller apiservice-openapiv3-controller
"""
START_HOOKS = (*(f"poststarthook/{name}" for name in _HOOKS.split()), "autoregister-completion")
"""What upstream's server checks of its start, as far as ours does the same; all of it is done when ours is ready."""


class Health:
    """The checks of one server in the order they were added; `ready_only` ones count for /readyz alone."""

    def __init__(self) -> None:
        self._checks: dict[str, tuple[Check, bool]] = {"ping": (lambda: "", False), "log": (lambda: "", False)}
        self._registry = Registry()
        self._results = self._registry.gauge(
            "kubernetes_healthcheck", "1 for a check that passed when last asked.", ("name", "type"), "STABLE"
        )
        self._counts = self._registry.counter(
            "kubernetes_healthchecks_total", "Checks by what they said.", ("name", "type", "status"), "STABLE"
        )

    def add(self, name: str, check: Check, *, ready_only: bool = False) -> None:
        """Add a check."""
        self._checks[name] = check, ready_only

    async def handle(self, request: Request, info: RequestInfo, user: UserInfo) -> Response:
        """Answer one of the three paths, or a single check under them."""
        _, endpoint, *rest = info.path.rstrip("/").split("/")
        checks = {name: c for name, (c, ready_only) in self._checks.items() if endpoint == "readyz" or not ready_only}
        if rest:
            return await _alone(checks, info, "/".join(rest))
        excluded = set(request.query.getall("exclude"))
        asked = [name for name in checks if name not in excluded]
        found = dict(zip(asked, await asyncio.gather(*(_ask(checks[name]) for name in asked)), strict=True))
        failed = {name: why for name, why in found.items() if why}
        self._count(endpoint, found)
        if failed:
            reasons = "; ".join(f"{name}: {why}" for name, why in failed.items())
            log.v(2).info(f"{endpoint} check failed", failed=reasons)
        elif "verbose" not in request.query:
            return plain(200, "ok")
        lines = [_line(name, found) for name in checks]
        if unknown := sorted(excluded - checks.keys()):
            names = ", ".join(gotext.quote(name) for name in unknown)
            lines.append(f"warn: some health checks cannot be excluded: no matches for {names}")
        verdict = f"{endpoint} check {'failed' if failed else 'passed'}\n"
        return plain(500 if failed else 200, "\n".join([*lines, verdict]))

    async def levels(self, request: Request, info: RequestInfo, user: UserInfo) -> Response:
        """/metrics/slis."""
        return Response(self._registry.text().encode(), content_type=METRICS_TYPE)

    def _count(self, endpoint: str, found: dict[str, str]) -> None:
        for name, why in found.items():
            self._results.set(0 if why else 1, name, endpoint)
            self._counts.inc(name, endpoint, "error" if why else "success")


def add_server_checks(health: Health, store: Store, config: ServerConfig, is_ready: Callable[[], bool]) -> None:
    """What /livez and /readyz ask of every server, in upstream's order."""
    health.add("etcd", store_check(store, config.etcd_healthcheck_timeout_s))
    health.add("etcd-readiness", store_check(store, config.etcd_readycheck_timeout_s), ready_only=True)
    health.add("informer-sync", lambda: "" if is_ready() else "still starting", ready_only=True)
    for name in START_HOOKS:
        health.add(name, lambda: "" if is_ready() else "not finished")


def store_check(store: Store, timeout_s: float = STORE_TIMEOUT_S) -> Check:
    """Whether the store answers a read in time."""

    async def check() -> str:
        try:
            async with asyncio.timeout(timeout_s):
                await store.get("/registry/health")
        except TimeoutError:
            return "error getting data from etcd: context deadline exceeded"
        except StoreError as error:
            return f"error getting data from etcd: {error}"
        return ""

    return check


async def _alone(checks: dict[str, Check], info: RequestInfo, name: str) -> Response:
    check = checks.get(name)
    if check is None:
        raise PathNotFound(info.path)
    why = await _ask(check)
    return plain(500, f"internal server error: {why}\n") if why else plain(200, "ok")


async def _ask(check: Check) -> str:
    said = check()
    return said if isinstance(said, str) else await said


def _line(name: str, found: dict[str, str]) -> str:
    if name not in found:
        return f"[+]{name} excluded: ok"
    return f"[-]{name} failed: reason withheld" if found[name] else f"[+]{name} ok"
