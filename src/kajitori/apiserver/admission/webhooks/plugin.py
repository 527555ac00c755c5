"""What both webhook plugins share: the compiled configurations, whether a webhook is to be called, its refusals.

Nothing is imported, compiled or asked while no configuration exists. May import: webhooks, matching, deps, metrics.
"""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter
from typing import TYPE_CHECKING, Any, ClassVar

from kajitori.aiokit.logs import get_logger
from kajitori.api.registration import Resource
from kajitori.apiserver.admission.conditions import ConditionError, refused
from kajitori.apiserver.admission.matching.equivalents import prepare
from kajitori.apiserver.admission.matching.rules import is_exempt, is_internal
from kajitori.apiserver.admission_types import AdmissionPlugin, AdmissionRequest
from kajitori.apiserver.attributes import Authorizer
from kajitori.apiserver.deps import ServerDeps
from kajitori.apiserver.metrics import Metrics
from kajitori.apiserver.user import LOOPBACK_USER
from kajitori.machinery.errors import BadRequest, InternalError, StatusError

if TYPE_CHECKING:
    from kajitori.apiserver.admission.matching.target import Index
    from kajitori.apiserver.admission.variables import Scope
    from kajitori.apiserver.admission.webhooks.answer import Verdict
    from kajitori.apiserver.admission.webhooks.caller import Caller
    from kajitori.apiserver.admission.webhooks.hook import Webhook

log = get_logger("apiserver.webhooks")
GROUP = "admissionregistration.k8s.io"
MAX_CODE = 600
"""What metrics call every higher one: codes are the webhook's choice, and labels should be few."""
DRY_RUN_SAFE = frozenset({"None", "NoneOnDryRun"})
Object = dict[str, Any]


class WebhookPlugin(AdmissionPlugin):
    """Base of both; `plural` is the resource with its configurations."""

    plural: ClassVar[str]
    kind: ClassVar[str]
    """The word for it in audit annotations."""
    phase: ClassVar[str]
    """The word for it in metrics."""
    mutating: ClassVar[bool]

    def __init__(self, deps: ServerDeps, authorizer: Authorizer | None = None, caller: Caller | None = None) -> None:
        self._deps, self._reader, self._authorizer = deps, deps.reader, authorizer
        self._caller = caller
        self._revision = -1
        self._index: Index[Webhook] | None = None

    def handles(self, resource: Resource, subresource: str) -> bool:
        return not is_exempt(resource)

    def _matching(self, request: AdmissionRequest) -> Iterable[tuple[Webhook, Resource]] | None:
        """The webhooks that rules and selectors choose, one by one. Raises NotFound (of the namespace)."""
        revision = self._reader.revision(GROUP, self.plural)
        if revision != self._revision:
            self._read(revision)
        if self._index is None or request.user is LOOPBACK_USER:
            return None
        if is_internal(request.resource, request.subresource, request.operation):
            return None
        return self._index.matching(request, self._reader)

    def _read(self, revision: int) -> None:
        self._revision, self._index = revision, None
        configurations = list(self._reader.list(GROUP, self.plural))
        if configurations:
            from kajitori.apiserver.admission.matching.target import Index
            from kajitori.apiserver.admission.webhooks.hook import read_webhooks

            hooks = read_webhooks(configurations)
            self._index = Index(self._deps.scheme, hooks)
            self.caller.keep({hook.place for _, hook in hooks})
        elif self._caller is not None:
            self._caller.keep(set())

    @property
    def caller(self) -> Caller:
        """Made when there is somebody to call."""
        if self._caller is None:
            from kajitori.apiserver.admission.webhooks.caller import Caller

            self._caller = Caller(self._reader)
        return self._caller

    def _scope(self, request: AdmissionRequest, target: Resource) -> Scope:
        from kajitori.apiserver.admission.variables import Scope

        return Scope(request, target, self._reader, self._authorizer)

    async def _holds(self, hook: Webhook, request: AdmissionRequest, target: Resource) -> bool:
        """Whether the webhook's conditions are met. Raises Forbidden where that cannot be said and it fails closed."""
        if not hook.conditions:
            return True
        await prepare(request, target)
        metrics, case = self._deps.metrics, (hook.name, "webhook", self.phase, request.operation)
        began = perf_counter()
        try:
            holds = hook.conditions.hold(self._scope(request, target))
            if not holds:
                metrics.condition_exclusions.inc(*case)
            return holds
        except ConditionError as error:
            metrics.condition_errors.inc(*case)
            if hook.fails_open:
                log.warning("match conditions failed, the webhook is not called", webhook=hook.name, err=str(error))
                return False
            raise refused(request, error) from error
        finally:
            metrics.condition_seconds.observe(perf_counter() - began, *case)

    async def _ask(
        self, hook: Webhook, request: AdmissionRequest, target: Resource, position: str
    ) -> Verdict | StatusError | None:
        """The webhook's verdict, or the refusal that its failure means; None: it failed open."""
        from kajitori.apiserver.admission.webhooks.caller import CallFailed

        count = _Call(self._deps.metrics, hook.name, self.phase, request.operation)
        if request.dry_run and hook.side_effects not in DRY_RUN_SAFE:
            count.failed_here()
            return BadRequest(f'admission webhook "{hook.name}" does not support dry run')
        try:
            verdict = await self.caller.call(hook, request, target, mutating=self.mutating)
        except StatusError as error:
            count.failed_here()
            return error
        except CallFailed as error:
            count.unanswered(error.code, fails_open=hook.fails_open)
            if not hook.fails_open:
                return InternalError.of(error)
            log.warning("failed calling webhook, failing open", webhook=hook.name, err=str(error))
            request.annotate(f"failed-open.{self.kind}.webhook.admission.k8s.io/{position}", hook.name)
            return None
        for text in verdict.warnings:
            request.warnings.append(text)
        for key, value in verdict.annotations.items():
            request.annotate(f"{hook.name}/{key}", value)
        refusal = None if verdict.allowed else denied(hook.name, verdict.status)
        count.answered(refusal.code if refusal is not None else 0)
        return verdict if refusal is None else refusal

    async def close(self) -> None:
        """Closes the connections to webhooks."""
        if self._caller is not None:
            await self._caller.close()


class _Call:
    """One call of a webhook as the metrics tell of it; made when it begins."""

    def __init__(self, metrics: Metrics, name: str, phase: str, operation: str) -> None:
        self._metrics, self._name, self._case = metrics, name, (phase, operation)
        self._began = perf_counter()

    def answered(self, code: int) -> None:
        """Allowed (0), or denied with a code."""
        if code:
            self._refused("no_error", code)
        self._over(code or 200, is_rejected=bool(code))

    def unanswered(self, code: int, *, fails_open: bool) -> None:
        """The webhook could not be asked, or did not answer well."""
        if fails_open:
            self._metrics.webhook_fail_open.inc(self._name, self._case[0])
        else:
            self._refused("calling_webhook_error", code)
        self._over(code, is_rejected=not fails_open)

    def failed_here(self) -> None:
        """It was not asked, for a reason of our own."""
        self._refused("apiserver_internal_error", 0)
        self._over(0, is_rejected=True)

    def _refused(self, why: str, code: int) -> None:
        self._metrics.webhook_rejections.inc(self._name, *self._case, why, str(min(code, MAX_CODE)))

    def _over(self, code: int, *, is_rejected: bool) -> None:
        rejected = "true" if is_rejected else "false"
        self._metrics.webhook_calls.observe(perf_counter() - self._began, self._name, *self._case, rejected)
        self._metrics.webhook_requests.inc(self._name, *self._case, str(min(code, MAX_CODE)), rejected)


def denied(name: str, status: Object | None) -> StatusError:
    """The refusal that a webhook's status becomes: never anything that a client would take for success."""
    status = status or {}
    code = status.get("code")
    code = code if isinstance(code, int) and code >= 400 else 400
    reason, message = str(status.get("reason") or ""), str(status.get("message") or "")
    text = f'admission webhook "{name}" denied the request'
    text += f": {message or reason}" if message or reason else " without explanation"
    details = status.get("details")
    return StatusError(text, code=code, reason=reason, details=details if isinstance(details, dict) else None)
