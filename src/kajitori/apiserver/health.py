"""/healthz, /livez, /readyz: named checks, each also alone, `?verbose` and `?exclude=`. May import: aiokit.http."""

from collections.abc import Callable

from kajitori.aiokit.http.message import Request, Response
from kajitori.apiserver.handlers.dispatch import PathNotFound, plain
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.user import UserInfo

Check = Callable[[], str]
"""Returns why something is not well; "" when it is."""

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
    """The checks of one server; `ready_only` ones count for /readyz alone."""

    def __init__(self) -> None:
        self._live: dict[str, Check] = {"ping": lambda: "", "log": lambda: ""}
        self._ready: dict[str, Check] = {}

    def add(self, name: str, check: Check, *, ready_only: bool = False) -> None:
        """Add a check."""
        (self._ready if ready_only else self._live)[name] = check

    async def handle(self, request: Request, info: RequestInfo, user: UserInfo) -> Response:
        """Answer one of the three paths, or a single check under them."""
        _, endpoint, *rest = info.path.rstrip("/").split("/")
        checks = {**self._live, **self._ready} if endpoint == "readyz" else self._live
        if rest:
            check = checks.get("/".join(rest))
            if check is None:
                raise PathNotFound(info.path)
            why = check()
            return plain(200, "ok") if not why else plain(500, f"internal server error: {why}\n")
        excluded = set(request.query.getall("exclude"))
        lines, failed = [], []
        for name, check in checks.items():
            why = "" if name in excluded else check()
            if name in excluded:
                lines.append(f"[+]{name} excluded: ok")
            elif why:
                failed.append(name)
                lines.append(f"[-]{name} failed: reason withheld")
            else:
                lines.append(f"[+]{name} ok")
        if failed:
            return plain(500, "\n".join([*lines, f"{endpoint} check failed", ""]))
        if "verbose" in request.query:
            return plain(200, "\n".join([*lines, f"{endpoint} check passed", ""]))
        return plain(200, "ok")
