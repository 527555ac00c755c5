"""A server's flow control without a server: a clock that is moved by hand, levels and schemas in a line."""

from __future__ import annotations

from typing import Any

from kajitori.aiokit.http.message import Headers, Request
from kajitori.aiokit.metrics import Registry
from kajitori.api.flowcontrol import standard
from kajitori.apiserver.flowcontrol.control import FlowControl
from kajitori.apiserver.flowcontrol.estimate import ONE
from kajitori.apiserver.flowcontrol.instruments import Instruments
from kajitori.apiserver.flowcontrol.turn import EXECUTING, REJECTED, Rejected, Turn
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.user import UserInfo

Object = dict[str, Any]


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Estimates:
    """Work as the test says; one seat when it says nothing."""

    def __init__(self) -> None:
        self.next: tuple[int, int, float] = ONE

    def work(self, request: Request, info: RequestInfo, widest: int, heard: object) -> tuple[int, int, float]:
        return self.next


def level(name: str, shares: int = 30, *, lendable: int = 0, queuing: tuple[int, int, int] | None = None) -> Object:
    response: Object = {"type": "Reject"}
    if queuing is not None:
        numbers = zip(("queues", "handSize", "queueLengthLimit"), queuing, strict=True)
        response = {"type": "Queue", "queuing": dict(numbers)}
    limited = {"nominalConcurrencyShares": shares, "lendablePercent": lendable, "limitResponse": response}
    return {"metadata": {"name": name, "uid": f"{name}-uid"}, "spec": {"type": "Limited", "limited": limited}}


def schema(name: str, to: str, precedence: int = 100, *, method: str = "ByUser", **rule: Any) -> Object:
    """For everybody and everything, unless the rule says otherwise."""
    everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"], "clusterScope": True}
    whole = {"subjects": [{"kind": "Group", "group": {"name": "*"}}], "resourceRules": [everything]} | rule
    spec = {"priorityLevelConfiguration": {"name": to}, "matchingPrecedence": precedence, "rules": [whole]}
    spec["distinguisherMethod"] = {"type": method}
    return {"metadata": {"name": name, "uid": f"{name}-uid"}, "spec": spec}


class Bench:
    """Flow control with nothing but the two mandatory levels, until told otherwise."""

    def __init__(self, seats: int = 100, levels: tuple[Object, ...] = (), schemas: tuple[Object, ...] = ()) -> None:
        self.clock, self.estimates, self.registry = Clock(), Estimates(), Registry()
        estimates: Any = self.estimates
        self.control = FlowControl(seats, estimates, Instruments(self.registry), self.clock)
        self.control.digest((*standard.MANDATORY_LEVELS, *levels), (*standard.MANDATORY_SCHEMAS, *schemas))

    def arrive(self, user: str = "jo", work: tuple[int, int, float] = ONE, **info: Any) -> Turn:
        self.estimates.next = work
        return self.control.arrive(request(), ask(**info), UserInfo(user, groups=("system:authenticated",)))

    def states(self, number: int, **kind: Any) -> str:
        """Of so many requests: e(xecuting), w(aiting), r(ejected)."""
        return "".join(self.state(**kind) for _ in range(number))

    def state(self, **kind: Any) -> str:
        try:
            turn = self.arrive(**kind)
        except Rejected:
            return "r"
        assert turn.state != REJECTED
        return "e" if turn.state == EXECUTING else "w"


def ask(verb: str = "get", resource: str = "pods", **more: Any) -> RequestInfo:
    return RequestInfo(verb=verb, path="/", is_resource_request=True, version="v1", resource=resource, **more)


def request(target: str = "/api/v1/pods") -> Request:
    body: Any = None
    return Request(method="GET", target=target, headers=Headers([]), body=body)
