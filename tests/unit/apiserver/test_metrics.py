"""The server's metrics have upstream's names and count what they say."""

from kajitori.apiserver.metrics import Metrics
from kajitori.apiserver.pipeline import Limits
from kajitori.apiserver.request import RequestInfo

PODS = RequestInfo(
    verb="list", path="/api/v1/pods", version="v1", resource="pods", parts=("pods",), is_resource_request=True
)
LABELS = (
    'component="apiserver",dry_run="",group="",resource="pods",scope="cluster",subresource="",verb="LIST",version="v1"'
)


def test_a_list_is_counted_timed_and_weighed() -> None:
    metrics = Metrics()
    metrics.observe(PODS, 200, 0.01, 5000)
    metrics.observe(PODS, 429, 0.0, 100)
    shown = metrics.render().decode().splitlines()
    assert f'apiserver_request_total{{code="200",{LABELS}}} 1' in shown
    assert f'apiserver_response_sizes_bucket{{{LABELS},le="1000"}} 1' in shown
    assert f'apiserver_response_sizes_bucket{{{LABELS},le="10000"}} 2' in shown
    assert f"apiserver_response_sizes_sum{{{LABELS}}} 5100" in shown
    assert f'apiserver_request_terminations_total{{code="429",{LABELS}}} 1' in shown


def test_users_are_told_by_their_kind() -> None:
    metrics = Metrics()
    for name in ("admin", "jo@example.com", "jo"):
        metrics.authenticated(name)
    metrics.unauthenticated()
    metrics.decided("denied")
    shown = metrics.render().decode().splitlines()
    assert 'authenticated_user_requests{username="admin"} 1' in shown
    assert 'authenticated_user_requests{username="email_id"} 1' in shown
    assert 'authenticated_user_requests{username="other"} 1' in shown
    assert 'authentication_attempts{result="success"} 3' in shown
    assert 'authentication_attempts{result="failure"} 1' in shown
    assert 'authorization_attempts_total{result="denied"} 1' in shown


def test_requests_at_work_are_counted_apart() -> None:
    limits = Limits(10, 0)
    with limits.taken(mutating=False):
        assert limits.in_flight() == [('{request_kind="mutating"}', 0), ('{request_kind="readOnly"}', 1)]
