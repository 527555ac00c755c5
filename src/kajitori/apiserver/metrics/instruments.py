"""What the server's parts count with: each instrument once, with upstream's name, labels, buckets and stability.

A part gets them as `deps.metrics` and calls `inc` or `observe` where the thing happens.
May import: aiokit, cel.timing, metrics.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

from kajitori.aiokit.metrics import LATENCY_BUCKETS, Registry
from kajitori.apiserver.metrics.requests import RequestMetrics
from kajitori.apiserver.metrics.steps import StepTimes
from kajitori.cel.timing import COMPILATION, EVALUATION

_ADMISSION = (0.005, 0.025, 0.1, 0.5, 1.0, 2.5)
_ADMITTING, _CASE = "apiserver_admission", ("type", "operation", "rejected")
_STORE = (0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60)
_CONDITION = (0.001, 0.005, 0.01, 0.025, 0.1, 0.2, 0.25)
_POLICY = (0.0000005, 0.001, 0.01, 0.1, 1.0)
_FILTERS = (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 5, 10, 15, 30)
_CONVERSION = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 45, 60)
_DAY = 86_400
_EXPIRY = (0, 1800, 3600, 7200, 21_600, 43_200, *(days * _DAY for days in (1, 2, 4, 7, 30, 90, 180, 365)))
_KIND = ("group", "resource")
_WHOLE_NAMES = frozenset({"admin", "client", "kube_proxy", "kubelet", "system:serviceaccount:kube-system:default"})
"""Users that upstream's metrics name; the rest are told as a kind, for names would be without number."""


class Metrics:
    """One server's."""

    def __init__(self) -> None:
        self.registry = registry = Registry()
        self._known: list[str] = []
        self._proving: list[float] = []
        self._decided: dict[str, list[float]] = defaultdict(list)
        self._steps: dict[tuple[str, ...], StepTimes] = {}
        self.watch_seen: dict[tuple[str, str, str], Counter[int]] = {}
        """Group, version, resource → how many events of which size went out since the last `settle`."""
        self.requests = RequestMetrics(registry, self.settle)
        self._add_access(registry)
        self._add_podsecurity(registry)
        self._add_admission(registry)
        self._add_webhooks(registry)
        self._add_conditions(registry)
        self._add_storage(registry)
        self._add_extensions(registry)

    def render(self) -> bytes:
        """The Prometheus text format."""
        self.settle()
        return self.registry.text().encode()

    def authenticated(self, name: str, seconds: float) -> None:
        """Somebody showed who they are. Written down here, and counted by `settle`, as is what follows."""
        self._known.append(name)
        self._proving.append(seconds)

    def unauthenticated(self, seconds: float) -> None:
        """Counts a request whose credentials were refused."""
        self._authentication.observe(seconds, "failure")
        self._filters.observe(seconds, "authentication")

    def decided(self, verdict: str, seconds: float) -> None:
        """What the authorizer said: allowed, denied or no-opinion."""
        self._decided[verdict].append(seconds)

    def stored(self, operation: str, group: str, resource: str, seconds: float) -> None:
        """The store has done something, or failed to."""
        self.store_seconds.note(seconds, operation, group, resource)

    def step(self, plugins: Sequence[str], kind: str, operation: str) -> StepTimes:
        """Where it is written down how long these plugins took to let requests in, one after the other."""
        case = (kind, operation, *plugins)
        found = self._steps.get(case)
        if found is None:
            series = [self.admission_plugins.series(name, kind, operation, "false") for name in plugins]
            whole = self.admission_steps.series(kind, operation, "false")
            found = self._steps[case] = StepTimes(whole, series)
        return found

    def settle(self) -> None:
        """Count what has been written down."""
        self.requests.settle()
        self._settle_access()
        for step in self._steps.values():
            step.settle()
        self._settle_watches()

    def _settle_access(self) -> None:
        if self._known:
            for name, number in Counter(self._known).items():
                kind = name if name in _WHOLE_NAMES else "email_id" if "@" in name else "other"
                self._users.inc(kind, by=number)
            self._proven.observe_all(self._proving)
            self._filters.series("authentication").observe_all(self._proving)
            self._known, self._proving = [], []
        for verdict, seconds in self._decided.items():
            self._authorization.series(verdict).observe_all(seconds)
            self._filters.series("authorization").observe_all(seconds)
        self._decided.clear()

    def _settle_watches(self) -> None:
        for key, seen in self.watch_seen.items():
            series = self.watch_sizes.series(*key)
            for size, count in seen.items():
                series.observe_times(size, count)
            if seen:
                self.watch_events.inc(*key, by=sum(seen.values()))
            seen.clear()

    def _add_access(self, registry: Registry) -> None:
        self._users = registry.counter(
            "authenticated_user_requests", "Requests of known users, by the kind of user.", ("username",), "ALPHA"
        )
        self._authentication = registry.histogram(
            "authentication_duration_seconds",
            "How long authenticating a request took, in seconds.",
            ("result",),
            LATENCY_BUCKETS,
            "ALPHA",
        )
        self._proven = self._authentication.series("success")
        self._filters = registry.histogram(
            "apiserver_request_filter_duration_seconds",
            "How long a step before the handler took, in seconds.",
            ("filter",),
            _FILTERS,
            "ALPHA",
        )
        self._authorization = registry.histogram(
            "authorization_duration_seconds",
            "How long authorizing a request took, in seconds.",
            ("result",),
            LATENCY_BUCKETS,
            "ALPHA",
        )
        for name, text, durations in (
            ("authentication_attempts", "Requests by what came of their credentials.", self._authentication),
            ("authorization_attempts_total", "Requests by what the authorizer said.", self._authorization),
        ):
            registry.callback(name, text, ("result",), durations.totals, "ALPHA", "counter")
        self.certificate_expiry = registry.histogram(
            "apiserver_client_certificate_expiration_seconds",
            "For how long certificates that authenticated a request were still valid, in seconds.",
            (),
            _EXPIRY,
            "ALPHA",
        )
        self.valid_tokens = registry.counter(
            "serviceaccount_valid_tokens_total", "Requests with a bound token in its time.", (), "ALPHA"
        )
        self.stale_tokens = registry.counter(
            "serviceaccount_stale_tokens_total", "Requests with a bound token that its owner should renew.", (), "ALPHA"
        )
        self.legacy_tokens = registry.counter(
            "serviceaccount_legacy_tokens_total", "Requests with a token that never ends.", (), "ALPHA"
        )
        self.audit_levels = registry.counter(
            "apiserver_audit_level_total", "Requests by the level at which they are audited.", ("level",), "ALPHA"
        )

    def _add_podsecurity(self, registry: Registry) -> None:
        request = ("request_operation", "resource", "subresource")
        self.podsecurity_evaluations = registry.counter(
            "pod_security_evaluations_total",
            "Policy evaluations that happened, not counting ignored or exempt requests.",
            ("decision", "policy_level", "policy_version", "mode", *request),
            "ALPHA",
        )
        self.podsecurity_exemptions = registry.counter(
            "pod_security_exemptions_total", "Requests that were exempt, not those ignored.", request, "ALPHA"
        )
        self.podsecurity_errors = registry.counter(
            "pod_security_errors_total", "Errors that stood in an evaluation's way.", ("fatal", *request), "ALPHA"
        )

    def _add_admission(self, registry: Registry) -> None:
        self.admission_steps = registry.histogram(
            f"{_ADMITTING}_step_admission_duration_seconds",
            "How long all mutations, or all validations, of a request took, in seconds.",
            _CASE,
            _ADMISSION,
            "STABLE",
        )
        self.admission_plugins = registry.histogram(
            f"{_ADMITTING}_controller_admission_duration_seconds",
            "How long a plugin took for a request, in seconds.",
            ("name", *_CASE),
            _ADMISSION,
            "STABLE",
        )

    def _add_webhooks(self, registry: Registry) -> None:
        self.webhook_calls = registry.histogram(
            f"{_ADMITTING}_webhook_admission_duration_seconds",
            "How long calls to a webhook took, in seconds.",
            ("name", *_CASE),
            (*_ADMISSION, 10, 25),
            "STABLE",
        )
        self.webhook_rejections = registry.counter(
            f"{_ADMITTING}_webhook_rejection_count",
            "Requests that a webhook, or its failure, refused.",
            ("name", "type", "operation", "error_type", "rejection_code"),
            "ALPHA",
        )
        self.webhook_fail_open = registry.counter(
            f"{_ADMITTING}_webhook_fail_open_count",
            "Requests that went on though a webhook could not be asked.",
            ("name", "type"),
            "ALPHA",
        )
        self.webhook_requests = registry.counter(
            f"{_ADMITTING}_webhook_request_total",
            "Calls to webhooks, by what they answered.",
            ("name", "type", "operation", "code", "rejected"),
            "ALPHA",
        )

    def _add_conditions(self, registry: Registry) -> None:
        condition = ("name", "kind", "type", "operation")
        self.condition_errors = registry.counter(
            f"{_ADMITTING}_match_condition_evaluation_errors_total",
            "Match conditions that could not be evaluated.",
            condition,
            "ALPHA",
        )
        self.condition_exclusions = registry.counter(
            f"{_ADMITTING}_match_condition_exclusions_total",
            "Requests that match conditions excluded.",
            condition,
            "ALPHA",
        )
        self.condition_seconds = registry.histogram(
            f"{_ADMITTING}_match_condition_evaluation_seconds",
            "How long match conditions took, in seconds.",
            condition,
            _CONDITION,
            "ALPHA",
        )
        policy = ("policy", "policy_binding", "error_type", "enforcement_action")
        self.policy_checks = registry.counter(
            "apiserver_validating_admission_policy_check_total",
            "What came of the validations of policies.",
            policy,
            "BETA",
        )
        self.policy_seconds = registry.histogram(
            "apiserver_validating_admission_policy_check_duration_seconds",
            "How long the validations of policies took, in seconds.",
            policy,
            _POLICY,
            "BETA",
        )

    def _add_storage(self, registry: Registry) -> None:
        self.store_seconds = registry.histogram(
            "etcd_request_duration_seconds",
            "How long the store took, in seconds.",
            ("operation", *_KIND),
            _STORE,
            "ALPHA",
        )
        registry.callback(
            "etcd_requests_total",
            "Requests to the store.",
            ("operation", *_KIND),
            self.store_seconds.totals,
            "ALPHA",
            "counter",
        )
        self.store_errors = registry.counter(
            "etcd_request_errors_total", "Requests that the store refused.", ("operation", *_KIND), "ALPHA"
        )
        self.storage_size = registry.gauge(
            "apiserver_storage_size_bytes",
            "How many bytes the store's files take.",
            ("storage_cluster_id",),
            "STABLE",
        )
        self.watch_init = registry.counter(
            "apiserver_init_events_total", "Events that told new watches of the state as it was.", _KIND, "ALPHA"
        )
        self.watch_terminated = registry.counter(
            "apiserver_terminated_watchers_total", "Watches ended for reading too slowly.", _KIND, "ALPHA"
        )
        watched = ("group", "version", "resource")
        self.watch_events = registry.counter(
            "apiserver_watch_events_total", "Events sent to watches.", watched, "ALPHA"
        )
        self.watch_sizes = registry.histogram(
            "apiserver_watch_events_sizes",
            "The sizes of events sent to watches, in bytes.",
            watched,
            tuple(1024 * 2**n for n in range(8)),
            "ALPHA",
        )
        index = (*_KIND, "index")
        self.lists = registry.counter("apiserver_cache_list_total", "Lists answered from the cache.", index, "ALPHA")
        self.listed = registry.counter(
            "apiserver_cache_list_fetched_objects_total", "Objects looked at for lists.", index, "ALPHA"
        )
        self.list_returned = registry.counter(
            "apiserver_cache_list_returned_objects_total", "Objects sent in lists.", _KIND, "ALPHA"
        )

    def _add_extensions(self, registry: Registry) -> None:
        outcome = ("result", "failure_type")
        self.conversions = registry.counter(
            "apiserver_conversion_webhook_request_total",
            "Calls to conversion webhooks, by what came of them.",
            outcome,
            "ALPHA",
        )
        self.conversion_calls = registry.histogram(
            "apiserver_conversion_webhook_duration_seconds",
            "How long calls to conversion webhooks took, in seconds.",
            outcome,
            _CONVERSION,
            "ALPHA",
        )
        self.conversion_seconds = registry.histogram(
            "apiserver_crd_conversion_webhook_duration_seconds",
            "How long converting custom resources by webhook took, in seconds.",
            ("crd_name", "from_version", "to_version", "succeeded"),
            LATENCY_BUCKETS,
            "ALPHA",
        )
        self.unavailable = registry.counter(
            "aggregator_unavailable_apiservice_total",
            "How often an APIService became unavailable, by reason.",
            ("name", "reason"),
            "ALPHA",
        )
        registry.add(COMPILATION)
        registry.add(EVALUATION)
