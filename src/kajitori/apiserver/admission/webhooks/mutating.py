"""MutatingAdmissionWebhook: one webhook after the other, each sees what those before it made of the object.

In the second round (chain.py) only webhooks with reinvocationPolicy IfNeeded are called again, and only if somebody
changed the object after they saw it. May import: webhooks, matching, serving.decoding, machinery.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from kajitori.api.registration import Resource
from kajitori.apiserver.admission.matching.equivalents import is_scale, shown, shows_parent, taken_back
from kajitori.apiserver.admission.webhooks.plugin import WebhookPlugin
from kajitori.apiserver.admission_types import DELETE, PATCH_NOTE, AdmissionRequest, Reinvocation
from kajitori.apiserver.metrics.requests import waiting
from kajitori.apiserver.serving.decoding import fit
from kajitori.machinery import fieldpath
from kajitori.machinery.errors import BadRequest, InternalError, Invalid, StatusError
from kajitori.machinery.fieldpath import Path
from kajitori.machinery.patch import PatchError, json_patch

if TYPE_CHECKING:
    from kajitori.apiserver.admission.webhooks.answer import Verdict
    from kajitori.apiserver.admission.webhooks.hook import Webhook

Object = dict[str, Any]


class MutatingAdmissionWebhook(WebhookPlugin):
    """Webhooks answer with JSON patches; what comes out is decoded and defaulted anew."""

    name: ClassVar[str] = "MutatingAdmissionWebhook"
    plural: ClassVar[str] = "mutatingwebhookconfigurations"
    kind: ClassVar[str] = "mutating"
    phase: ClassVar[str] = "admit"
    mutating: ClassVar[bool] = True

    async def admit(self, request: AdmissionRequest) -> None:
        chosen = self._matching(request)
        if chosen is None:
            return
        rounds = request.reinvocation = request.reinvocation or Reinvocation()
        if rounds.second_round and rounds.output != request.object:
            _look_again(rounds)
        for index, (hook, target) in enumerate(chosen):
            if rounds.second_round and hook.uid not in rounds.again:
                continue
            if not await self._holds(hook, request, target):
                continue
            is_changed = await self._run(hook, request, target, index)
            if is_changed:
                rounds.needed = True
                _look_again(rounds)
            if hook.reinvoked:
                rounds.called.add(hook.uid)
        if rounds.needed and not rounds.second_round:
            rounds.output = copy.deepcopy(request.object)

    async def _run(self, hook: Webhook, request: AdmissionRequest, target: Resource, index: int) -> bool:
        """Call one webhook and do what it says; whether it changed the object."""
        assert request.reinvocation is not None
        position = f"round_{int(request.reinvocation.second_round)}_index_{index}"
        with waiting():
            answer = await self._ask(hook, request, target, position)
        if isinstance(answer, StatusError):
            raise answer
        is_changed = answer is not None and await self._apply(hook, request, target, answer)
        if answer is not None:
            note = {"configuration": hook.configuration, "webhook": hook.name, "mutated": is_changed}
            request.annotate(f"mutation.webhook.admission.k8s.io/{position}", orjson.dumps(note).decode())
        if answer is not None and is_changed:
            whose = {"configuration": hook.configuration, "webhook": hook.name}
            note = {**whose, "patch": answer.patch, "patchType": "JSONPatch"}
            request.annotate(f"{PATCH_NOTE}{position}", orjson.dumps(note).decode())
        return is_changed

    async def _apply(self, hook: Webhook, request: AdmissionRequest, target: Resource, verdict: Verdict) -> bool:
        """Patch the object, in the form that the webhook saw; what comes out is decoded like a client's object."""
        if not verdict.patch:
            return False
        if request.operation == DELETE or request.object is None:
            why = f'admission webhook "{hook.name}" attempted to modify the object, which is not supported for this '
            raise InternalError.of(why + "operation")
        before = shown(request, request.object, target)
        try:
            patched = json_patch.apply(before, verdict.patch)
        except (PatchError, ValueError, KeyError, IndexError, TypeError) as error:
            raise InternalError.of(error) from error
        if not isinstance(patched, dict):
            raise InternalError.of("the patch does not result in an object")
        _check_kind(request, patched, target)
        if patched == before:
            return False
        self._decode(request, patched, target)
        request.object = await taken_back(request, patched, target)
        if shows_parent(request) and not is_scale(request):
            request.resource.strategy.default(request.object)
        return True

    def _decode(self, request: AdmissionRequest, patched: Object, target: Resource) -> None:
        if not shows_parent(request) or is_scale(request):
            return
        try:
            fit(patched, target.schema, target.group_version, target.kind)
        except BadRequest as error:
            raise InternalError.of(error.message) from error


def _check_kind(request: AdmissionRequest, patched: Object, target: Resource) -> None:
    """A patch leaves the kind alone. Raises InternalError where it takes it away, Invalid where it makes another."""
    if not patched.get("kind"):
        raise InternalError.of(f"Object 'Kind' is missing in '{orjson.dumps(patched).decode()}'")
    if not shows_parent(request) or is_scale(request) or patched["kind"] == target.kind:
        return
    problem = fieldpath.invalid(Path("kind"), patched["kind"], f"must be {target.kind}")
    raise Invalid.of(target.group, str(patched["kind"]), request.name, [problem])


def _look_again(rounds: Reinvocation) -> None:
    """The object has changed: webhooks that saw it before get to see it again."""
    rounds.again |= rounds.called
    rounds.called.clear()
