"""Requests in the log: those that took long always, all of them from verbosity 3 on.

Paths without their queries and no headers but the client's name: what else a request holds may be secret.
May import: aiokit, request.
"""

from kajitori.aiokit.http.message import Answer, Hijacked, Request
from kajitori.aiokit.logs import get_logger

log = get_logger("apiserver")
SLOW_S = 1.0
ALL = 3


def told(request: Request, verb: str, answer: Answer, seconds: float, audit_id: str) -> None:
    """One line. `seconds` of a stream are those until it began."""
    facts = {
        "verb": verb,
        "URI": request.raw_path,
        "latency": f"{seconds * 1000:.3f}ms",
        "userAgent": request.headers.get("user-agent"),
        "audit-ID": audit_id,
        "srcIP": "{}:{}".format(*request.peer),
        "resp": 101 if isinstance(answer, Hijacked) else answer.status,
    }
    if seconds >= SLOW_S:
        log.info("slow request", **facts)
    else:
        log.v(ALL).info("HTTP", **facts)
