"""The server's metrics have upstream's names and count what they say."""

import re
from types import SimpleNamespace
from typing import Any

import pytest

from kajitori.aiokit.http.message import Headers, Request, Response, StreamResponse
from kajitori.apiserver.metrics import Metrics
from kajitori.apiserver.metrics.requests import waiting
from kajitori.apiserver.metrics.watching import WatchMetrics
from kajitori.apiserver.request import RequestInfo, parse_request_info

LABELS = (
    'component="apiserver",dry_run="",group="",resource="pods",scope="cluster",subresource="",verb="LIST",version="v1"'
)


def asked(method: str, target: str, **headers: str) -> tuple[Request, RequestInfo]:
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    body: Any = SimpleNamespace(finished=True)
    request = Request(method=method, target=target, headers=Headers(pairs), body=body)
    return request, parse_request_info(request)


def shown(metrics: Metrics) -> list[str]:
    return metrics.render().decode().splitlines()


def test_a_list_is_counted_timed_and_weighed() -> None:
    metrics = Metrics()
    listing = asked("GET", "/api/v1/pods")
    metrics.requests.observe(*listing, 200, 0.01, 5000)
    metrics.requests.observe(*listing, 429, 0.0, 100)
    lines = shown(metrics)
    assert f'apiserver_request_total{{code="200",{LABELS}}} 1' in lines
    sizes = LABELS.replace('dry_run="",', "")
    assert f'apiserver_response_sizes_bucket{{{sizes},le="1000"}} 1' in lines
    assert f'apiserver_response_sizes_bucket{{{sizes},le="10000"}} 2' in lines
    assert f"apiserver_response_sizes_sum{{{sizes}}} 5100" in lines
    assert f'apiserver_request_duration_seconds_bucket{{{LABELS},le="0.005"}} 1' in lines


@pytest.mark.parametrize(
    ("method", "target", "headers", "verb", "scope"),
    [
        ("GET", "/api/v1/namespaces/a/pods/x", {}, "GET", "resource"),
        ("GET", "/api/v1/namespaces/a/pods", {}, "LIST", "namespace"),
        ("GET", "/api/v1/pods?watch=1", {}, "WATCH", "cluster"),
        ("POST", "/api/v1/namespaces/a/pods", {}, "POST", "resource"),
        ("PUT", "/api/v1/namespaces/a/pods/x", {}, "PUT", "resource"),
        ("PATCH", "/api/v1/namespaces/a/pods/x", {"content_type": "application/json-patch+json"}, "PATCH", "resource"),
        ("PATCH", "/api/v1/namespaces/a/pods/x", {"content_type": "application/apply-patch+yaml"}, "APPLY", "resource"),
        ("DELETE", "/api/v1/namespaces/a/pods", {}, "DELETE", "namespace"),
        ("POST", "/api/v1/namespaces/a/pods/x/exec", {}, "CONNECT", "resource"),
        ("GET", "/api/v1/namespaces/a/pods/x/log", {}, "CONNECT", "resource"),
        ("BREW", "/api/v1/namespaces/a/pods/x", {}, "other", "resource"),
    ],
)
def test_verbs_and_scopes_are_named_as_upstream_names_them(method, target, headers, verb, scope) -> None:
    metrics = Metrics()
    metrics.requests.observe(*asked(method, target, **headers), 200, 0.0)
    total = next(line for line in shown(metrics) if line.startswith("apiserver_request_total"))
    assert f'scope="{scope}"' in total
    assert f'verb="{verb}"' in total


@pytest.mark.parametrize(
    ("query", "label"), [("", ""), ("?dryRun=All", "All"), ("?dryRun=", ""), ("?dryRun=x", "invalid")]
)
def test_a_dry_run_says_so_and_is_no_part_of_the_service_level(query, label) -> None:
    metrics = Metrics()
    metrics.requests.observe(*asked("POST", f"/api/v1/namespaces/a/pods{query}"), 201, 0.0)
    lines = shown(metrics)
    assert f'dry_run="{label}"' in next(line for line in lines if line.startswith("apiserver_request_total"))
    assert any(line.startswith("apiserver_request_sli_duration_seconds_count") for line in lines) is not bool(label)


def test_of_what_is_no_resource_only_health_and_metrics_are_counted() -> None:
    metrics = Metrics()
    for path in ("/livez", "/version", "/metrics"):
        metrics.requests.observe(*asked("GET", path), 200, 0.0)
    totals = [line for line in shown(metrics) if line.startswith("apiserver_request_total")]
    assert [re.findall('subresource="(.*?)"', line) for line in totals] == [["/livez"], ["/metrics"]]


def test_a_request_that_took_longer_than_it_may_was_told_504_and_counts_as_that() -> None:
    metrics = Metrics()
    metrics.requests.answered(*asked("GET", "/api/v1/pods"), Response(b"{}"), -100.0, 60.0, None)
    lines = shown(metrics)
    assert f'apiserver_request_total{{code="504",{LABELS}}} 1' in lines
    assert any(line.startswith('apiserver_request_terminations_total{code="504"') for line in lines)
    assert 'apiserver_request_post_timeout_total{source="timeout-handler",status="ok"} 1' in lines


def test_who_is_refused_early_is_not_counted() -> None:
    metrics = Metrics()
    metrics.requests.answered(*asked("GET", "/api/v1/pods"), Response(b"{}", status=401), 0.0, 60.0, None, True)
    assert not any(line.startswith("apiserver_request_total{") for line in shown(metrics))


def test_a_watch_is_running_until_its_stream_ends_and_counts_then() -> None:
    metrics = Metrics()
    watching = asked("GET", "/api/v1/pods?watch=1")

    async def nothing():
        yield b""

    answer = StreamResponse(nothing())
    metrics.requests.answered(*watching, answer, 0.0, 0.0, metrics.requests.running(*watching))
    kind = LABELS.replace('dry_run="",', "").replace("LIST", "WATCH")
    assert f"apiserver_longrunning_requests{{{kind}}} 1" in shown(metrics)
    assert answer.ended is not None
    answer.ended()
    lines = shown(metrics)
    assert f"apiserver_longrunning_requests{{{kind}}} 0" in lines
    assert any(line.startswith('apiserver_request_total{code="200"') and "WATCH" in line for line in lines)


def test_time_in_webhooks_is_no_part_of_the_service_level() -> None:
    metrics = Metrics()
    with waiting():
        pass
    metrics.requests.observe(*asked("POST", "/api/v1/namespaces/a/pods"), 201, 1.0)
    taken = next(line for line in shown(metrics) if line.startswith("apiserver_request_sli_duration_seconds_sum"))
    assert 0.9 < float(taken.split()[-1]) < 1.0


def test_users_are_told_by_their_kind() -> None:
    metrics = Metrics()
    for name in ("admin", "jo@example.com", "jo"):
        metrics.authenticated(name, 0.0001)
    metrics.unauthenticated(0.0001)
    metrics.decided("denied", 0.0001)
    lines = shown(metrics)
    assert 'authenticated_user_requests{username="admin"} 1' in lines
    assert 'authenticated_user_requests{username="email_id"} 1' in lines
    assert 'authenticated_user_requests{username="other"} 1' in lines
    assert 'authentication_attempts{result="success"} 3' in lines
    assert 'authentication_attempts{result="failure"} 1' in lines
    assert 'authentication_duration_seconds_count{result="success"} 3' in lines
    assert 'authorization_attempts_total{result="denied"} 1' in lines


def test_events_are_weighed_one_by_one_however_many_go_out_at_once() -> None:
    metrics = Metrics()
    pods: Any = SimpleNamespace(group="", version="v1", plural="pods")
    told = WatchMetrics(metrics, pods)
    for sizes in ([10], [10, 20, 30], [10, 2000, 70_000]):
        told.sent([b"x" * size for size in sizes])
    told.began(5)
    lines = shown(metrics)
    kind = 'group="",resource="pods",version="v1"'
    assert f"apiserver_watch_events_total{{{kind}}} 7" in lines
    assert f'apiserver_watch_events_sizes_bucket{{{kind},le="1024"}} 5' in lines
    assert f'apiserver_watch_events_sizes_bucket{{{kind},le="2048"}} 6' in lines
    assert f'apiserver_watch_events_sizes_bucket{{{kind},le="131072"}} 7' in lines
    assert f"apiserver_watch_events_sizes_sum{{{kind}}} 72080" in lines
    assert 'apiserver_init_events_total{group="",resource="pods"} 5' in lines


def test_bodies_of_writes_are_weighed() -> None:
    metrics = Metrics()
    for method, target, status, length in (
        ("POST", "/apis/apps/v1/namespaces/a/deployments", 201, "60000"),
        ("POST", "/apis/apps/v1/namespaces/a/deployments", 409, "40000"),
        ("DELETE", "/api/v1/namespaces/a/pods", 200, ""),
        ("GET", "/api/v1/namespaces/a/pods", 200, "7"),
    ):
        metrics.requests.observe(*asked(method, target, content_length=length), status, 0.0)
    lines = [line for line in shown(metrics) if line.startswith("apiserver_request_body_size_bytes")]
    created = 'group="apps",resource="deployments",verb="create"'
    assert f'apiserver_request_body_size_bytes_bucket{{{created},le="50000"}} 1' in lines
    assert f"apiserver_request_body_size_bytes_sum{{{created}}} 100000" in lines
    assert 'apiserver_request_body_size_bytes_count{group="",resource="pods",verb="delete_collection"} 1' in lines
    assert not any('verb="get"' in line for line in lines)


def test_steps_before_the_handler_are_timed() -> None:
    metrics = Metrics()
    metrics.authenticated("admin", 0.0002)
    metrics.unauthenticated(0.00005)
    metrics.decided("allowed", 0.002)
    metrics.decided("no-opinion", 0.002)
    name = "apiserver_request_filter_duration_seconds"
    counts = [line for line in shown(metrics) if line.startswith((f"{name}_count", f'{name}_bucket{{filter="authe'))]
    assert counts[:2] == [
        f'{name}_bucket{{filter="authentication",le="0.0001"}} 1',
        f'{name}_bucket{{filter="authentication",le="0.0003"}} 2',
    ]
    assert counts[-2:] == [f'{name}_count{{filter="authentication"}} 2', f'{name}_count{{filter="authorization"}} 2']
