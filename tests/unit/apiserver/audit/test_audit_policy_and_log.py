"""The audit policy, its events and the log's file."""

from __future__ import annotations

import asyncio
import json
import queue
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from kajitori.aiokit.clock import FakeClock
from kajitori.aiokit.http.message import Headers, Response
from kajitori.apiserver.admission_types import AUDIT_ANNOTATIONS
from kajitori.apiserver.attributes import Attributes
from kajitori.apiserver.audit.batching import Batching
from kajitori.apiserver.audit.event import json_line, legacy_line, limited, ordered, without_managed_fields
from kajitori.apiserver.audit.log import AuditLog, Rotation, outdated
from kajitori.apiserver.audit.policy import Level, PolicyError, Recording, parse
from kajitori.apiserver.audit.record import Auditor, finished
from kajitori.apiserver.protobuf.encode import encode
from kajitori.apiserver.user import UserInfo


def policy(*rules: dict, **more: object):
    return parse({"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": list(rules), **more})


def asked(resource: str = "pods", **more: object) -> Attributes:
    given = {"verb": "get", "is_resource_request": True, "namespace": "default", "name": "web", **more}
    return Attributes(user=UserInfo("ann", groups=("devs",)), resource=resource, **given)


RULES = [
    ({"users": ["ann"]}, {}, True),
    ({"users": ["bob"]}, {}, False),
    ({"userGroups": ["ops", "devs"]}, {}, True),
    ({"verbs": ["list"]}, {}, False),
    ({"namespaces": ["kube-system"]}, {}, False),
    ({"namespaces": [""]}, {"resource": "nodes", "namespace": ""}, True),
    ({"resources": [{"group": "", "resources": ["pods"]}]}, {}, True),
    ({"resources": [{"group": "apps"}]}, {}, False),
    ({"resources": [{"group": "apps"}]}, {"group": "apps", "resource": "deployments"}, True),
    ({"resources": [{"group": "", "resources": ["pods"]}]}, {"subresource": "log"}, False),
    ({"resources": [{"group": "", "resources": ["pods/log"]}]}, {"subresource": "log"}, True),
    ({"resources": [{"group": "", "resources": ["pods/*"]}]}, {"subresource": "log"}, True),
    ({"resources": [{"group": "", "resources": ["*/log"]}]}, {"subresource": "log"}, True),
    ({"resources": [{"group": "", "resources": ["pods"], "resourceNames": ["db"]}]}, {}, False),
    ({"nonResourceURLs": ["/healthz*"]}, {}, False),
]


@pytest.mark.parametrize(("rule", "request_", "matches"), RULES)
def test_rule_matches_as_upstream(rule: dict, request_: dict, matches: bool) -> None:
    found = policy({"level": "Request", **rule}).recording(asked(**request_))
    assert found.level is (Level.REQUEST if matches else Level.NONE)


@pytest.mark.parametrize(
    ("pattern", "matches"), [("/healthz*", True), ("/healthz", False), ("*", True), ("/ver*", False)]
)
def test_urls_match_exactly_or_by_prefix(pattern: str, matches: bool) -> None:
    question = Attributes(user=UserInfo("ann"), verb="get", path="/healthz/etcd")
    found = policy({"level": "Metadata", "nonResourceURLs": [pattern]}).recording(question)
    assert (found.level is Level.METADATA) == matches


def test_first_matching_rule_decides_and_stages_add_up() -> None:
    rules = {"level": "None", "users": ["ann"]}, {"level": "Request"}
    assert policy(*rules).recording(asked()).level is Level.NONE
    found = policy({"level": "Request", "omitStages": ["Panic"]}, omitStages=["RequestReceived"]).recording(asked())
    assert found.omit_stages == {"Panic", "RequestReceived"}


def test_rule_may_keep_managed_fields_that_the_policy_omits() -> None:
    assert policy({"level": "Request"}, omitManagedFields=True).recording(asked()).omit_managed_fields
    rule = {"level": "Request", "omitManagedFields": False}
    assert not policy(rule, omitManagedFields=True).recording(asked()).omit_managed_fields


@pytest.mark.parametrize(
    "document",
    [
        {"apiVersion": "audit.k8s.io/v1", "kind": "Policy"},
        {"apiVersion": "audit.k8s.io/v1beta1", "kind": "Policy", "rules": [{"level": "None"}]},
        {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [{"level": "Loud"}]},
        {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [{"level": "None", "omitStages": ["Later"]}]},
        [],
    ],
)
def test_wrong_policies_are_refused(document: object) -> None:
    with pytest.raises(PolicyError):
        parse(document)


def test_log_holds_all_lines_in_order_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"

    async def main() -> None:
        log = AuditLog(str(path))
        for number in range(500):
            log.put(lambda number=number: b"%d\n" % number)
        task = asyncio.ensure_future(log.run())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert (log.written, log.dropped) == (500, 0)

    asyncio.run(main())
    assert path.read_text().split() == [str(n) for n in range(500)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_log_rotates_by_size_and_keeps_as_many_as_told(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"

    async def main() -> None:
        log = AuditLog(str(path), Rotation(max_size_mb=1, max_backups=2, compress=True))
        for _ in range(5):
            log._append(b"x" * 700_000)

    asyncio.run(main())
    backups = [p.name for p in tmp_path.iterdir() if p != path]
    assert len(backups) == 2
    assert all(name.startswith("audit-2") and name.endswith(".log.gz") for name in backups)
    assert path.stat().st_size == 700_000


def test_full_queue_drops_and_counts(tmp_path: Path) -> None:
    log = AuditLog(str(tmp_path / "audit.log"), batching=Batching(buffer=2))
    for _ in range(5):
        log.put(lambda: b"x\n")
    assert log.dropped == 3


def test_wrong_rules_are_told_all_at_once() -> None:
    rules = [
        {"level": "Loud", "omitStages": ["Later"]},
        {"level": "None", "nonResourceURLs": ["x", "/a*b"], "namespaces": ["ns"]},
        {"resources": [{"group": "apps/v1", "resourceNames": ["x"]}]},
    ]
    with pytest.raises(PolicyError) as refused:
        policy(*rules)
    text = str(refused.value)
    for wanted in (
        'rules[0].level: Unsupported value: "Loud": supported values: "None", "Metadata", "Request", "RequestResponse"',
        'rules[0].omitStages[0]: Invalid value: "Later": allowed stages are RequestReceived,ResponseStarted,',
        "rules[1].nonResourceURLs[0]: Invalid value: \"x\": non-resource URL rules must begin with a '/' character",
        "rules[1].nonResourceURLs[1]: Invalid value: \"/a*b\": non-resource URL wildcards '*' must be the final",
        "rules cannot apply to both regular resources and non-resource URLs",
        "rules[2].level: Required value",
        'rules[2].resources.group: Invalid value: "apps/v1": a lowercase RFC 1123 subdomain must consist of',
        "using resourceNames requires at least one resource",
    ):
        assert wanted in text


def test_an_unknown_field_is_passed_over() -> None:
    assert policy({"level": "Metadata", "usres": ["x"]}).recording(asked()).level is Level.METADATA


def test_who_waits_is_told_when_the_event_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "audit.log"
    log, told = AuditLog(str(path)), queue.Queue[bool]()
    log.put(lambda: b"x\n", told.put)
    assert (told.get(timeout=5), path.read_bytes()) == (True, b"x\n")


def test_who_waits_is_told_of_a_failure(tmp_path: Path) -> None:
    log, told = AuditLog(str(tmp_path / "audit.log"), Rotation(max_size_mb=1)), queue.Queue[bool]()
    log._path = str(tmp_path / "gone" / "audit.log")  # what it is rotated to cannot be
    log.put(lambda: b"x" * (1 << 20), told.put)
    assert told.get(timeout=5)
    log.put(lambda: b"x" * (1 << 20), told.put)
    assert not told.get(timeout=5)


def test_a_large_event_loses_its_objects() -> None:
    event = {"auditID": "1", "requestObject": {"a": "x" * 100}, "responseObject": {}, "annotations": {"a": "b"}}
    cut = b'{"auditID":"1","annotations":{"a":"b","audit.k8s.io/truncated":"true"}}\n'
    assert limited(json_line, 1000)(event) == json_line(event)
    assert limited(json_line, 100)(event) == cut
    assert limited(json_line, 10)(event) == b""


def test_fields_come_in_the_order_of_the_type() -> None:
    event = {"annotations": {"b": "1", "a": "2"}, "objectRef": {"subresource": "s", "resource": "r"}, "level": "None"}
    assert str(ordered(event)) == str(
        {"level": "None", "objectRef": {"resource": "r", "subresource": "s"}, "annotations": {"a": "2", "b": "1"}}
    )


def test_options_of_a_deletion_have_the_inner_version() -> None:
    body = b'{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background"}'
    event = finished({**BASE, "objectRef": {}}, Recording(Level.REQUEST), 200, body, "", b"")
    assert event["requestObject"]["apiVersion"] == "meta.k8s.io/__internal"


def test_what_is_no_object_is_not_shown() -> None:
    event = finished({**BASE}, Recording(Level.REQUEST_RESPONSE), 200, b"", "", b'{"major":"1"}')
    assert "responseObject" not in event


def test_old_backups_go_by_age() -> None:
    now = datetime(2026, 1, 10, tzinfo=UTC)
    backups = [(now - timedelta(days=n), Path(f"{n}")) for n in (1, 2, 5)]
    assert outdated(backups, Rotation(max_age_days=3), now) == [Path("5")]
    assert outdated(backups, Rotation(), now) == []


BASE = {"verb": "create", "objectRef": {"resource": "pods", "namespace": "default"}}


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        (Level.METADATA, set()),
        (Level.REQUEST, {"requestObject"}),
        (Level.REQUEST_RESPONSE, {"requestObject", "responseObject"}),
    ],
)
def test_level_decides_which_objects_show(level: Level, shown: set[str]) -> None:
    body, answer = b'{"metadata":{"name":"web"}}', b'{"kind":"Pod","metadata":{"name":"web","uid":"1"}}'
    event = finished({**BASE, "objectRef": dict(BASE["objectRef"])}, Recording(level), 201, body, "", answer)
    assert event.keys() & {"requestObject", "responseObject"} == shown
    assert event["objectRef"]["name"] == "web"
    assert event["responseStatus"] == {"metadata": {}, "code": 201}


def test_failures_show_their_status_at_every_level() -> None:
    answer = b'{"kind":"Status","status":"Failure","message":"no","reason":"Forbidden","code":403,"metadata":{}}'
    event = finished({**BASE, "objectRef": {}}, Recording(Level.METADATA), 403, b"", "", answer)
    wanted = {"metadata": {}, "status": "Failure", "message": "no", "reason": "Forbidden", "code": 403}
    assert event["responseStatus"] == wanted


def test_an_answer_in_protobuf_shows_what_it_says() -> None:
    made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web", "uid": "1"}, "data": {"a": "b"}}
    event = finished({**BASE, "objectRef": {}}, Recording(Level.REQUEST_RESPONSE), 201, b"", "", encode(made))
    assert event["responseObject"]["metadata"]["uid"] == "1"
    assert event["responseObject"]["data"] == {"a": "b"}
    refusal = {
        "apiVersion": "v1",
        "kind": "Status",
        "status": "Failure",
        "message": "no",
        "reason": "Forbidden",
        "code": 403,
    }
    event = finished({**BASE, "objectRef": {}}, Recording(Level.METADATA), 403, b"", "", encode(refusal))
    assert {k: v for k, v in event["responseStatus"].items() if k != "metadata"} == {
        "status": "Failure",
        "message": "no",
        "reason": "Forbidden",
        "code": 403,
    }


def test_managed_fields_go_from_objects_and_lists() -> None:
    listed = {"items": [{"metadata": {"name": "a", "managedFields": [1]}}], "metadata": {}}
    assert without_managed_fields(listed) == {"items": [{"metadata": {"name": "a"}}], "metadata": {}}


def test_legacy_line_reads_as_upstreams() -> None:
    event = {
        "auditID": "id-1",
        "stage": "ResponseComplete",
        "sourceIPs": ["10.0.0.1"],
        "verb": "get",
        "user": {"username": "ann", "groups": ["a", "b"]},
        "userAgent": "kubectl",
        "requestURI": "/api",
        "requestReceivedTimestamp": "2026-01-01T00:00:00.000000Z",
        "responseStatus": {"code": 200},
    }
    assert legacy_line(event).decode() == (
        '2026-01-01T00:00:00.000000Z AUDIT: id="id-1" stage="ResponseComplete" ip="10.0.0.1" method="get" '
        'user="ann" groups="\\"a\\",\\"b\\"" as="<self>" asgroups="<lookup>" user-agent="kubectl" namespace="<none>" '
        'uri="/api" response="200"\n'
    )


class Kept:
    """A sink that keeps events."""

    name, written, dropped = "kept", 0, 0

    def __init__(self) -> None:
        self.events: list[dict] = []

    def put(self, line: Callable[[], bytes], stored: object = None) -> None:
        self.events.append(json.loads(line()))

    async def run(self) -> None:
        raise NotImplementedError


@pytest.mark.parametrize(("level", "shown"), [("Metadata", False), ("Request", True)])
def test_only_events_that_show_requests_show_patches_of_webhooks(level: str, shown: bool) -> None:
    sink, clock = Kept(), FakeClock()
    auditor = Auditor(policy({"level": level}), {sink: json_line}, clock, lambda info, user: asked())
    info = SimpleNamespace(verb="get", is_resource_request=False, subresource="")
    made = SimpleNamespace(raw_path="/x", raw_query="", headers=Headers([]), peer=("", 0))

    async def main() -> None:
        record = auditor.begin(made, info, "id")  # type: ignore[arg-type]
        record.authenticated(UserInfo("ann"))
        notes = AUDIT_ANNOTATIONS.get()
        assert notes is not None
        notes["patch.webhook.admission.k8s.io/round_0_index_0"] = "{}"
        clock.advance(0.75)
        await record.answered(Response(b""))

    asyncio.run(main())
    notes = sink.events[-1]["annotations"]
    assert ("patch.webhook.admission.k8s.io/round_0_index_0" in notes) is shown
    assert notes["apiserver.latency.k8s.io/total"] == "750ms"
