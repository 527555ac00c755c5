"""ValidatingAdmissionWebhook: all webhooks are asked at once, one refusal suffices. May import: webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from kajitori.api.registration import Resource
from kajitori.apiserver.admission.webhooks.plugin import WebhookPlugin
from kajitori.apiserver.admission_types import AdmissionRequest
from kajitori.apiserver.metrics.requests import waiting
from kajitori.machinery.errors import StatusError

if TYPE_CHECKING:
    from kajitori.apiserver.admission.webhooks.answer import Verdict
    from kajitori.apiserver.admission.webhooks.hook import Webhook


class ValidatingAdmissionWebhook(WebhookPlugin):
    name: ClassVar[str] = "ValidatingAdmissionWebhook"
    plural: ClassVar[str] = "validatingwebhookconfigurations"
    kind: ClassVar[str] = "validating"
    phase: ClassVar[str] = "validating"
    mutating: ClassVar[bool] = False

    async def validate(self, request: AdmissionRequest) -> None:
        chosen = self._matching(request)
        if chosen is None:
            return
        asked = [pair for pair in chosen if await self._holds(pair[0], request, pair[1])]
        if not asked:
            return
        with waiting():
            calls = await self._ask_all(asked, request)
        for call in calls:
            refusal = call.result()
            if isinstance(refusal, StatusError):
                raise refusal

    async def _ask_all(
        self, asked: Sequence[tuple[Webhook, Resource]], request: AdmissionRequest
    ) -> list[asyncio.Task[Verdict | StatusError | None]]:
        async with asyncio.TaskGroup() as tasks:
            return [
                tasks.create_task(self._ask(hook, request, target, f"round_0_index_{index}"), name=hook.name)
                for index, (hook, target) in enumerate(asked)
            ]
