"""ValidatingAdmissionWebhook: all webhooks are asked at once, one refusal suffices. May import: webhooks."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from kajitori.apiserver.admission.webhooks.plugin import WebhookPlugin
from kajitori.apiserver.admission_types import AdmissionRequest
from kajitori.machinery.errors import StatusError


class ValidatingAdmissionWebhook(WebhookPlugin):
    name: ClassVar[str] = "ValidatingAdmissionWebhook"
    plural: ClassVar[str] = "validatingwebhookconfigurations"
    kind: ClassVar[str] = "validating"
    mutating: ClassVar[bool] = False

    async def validate(self, request: AdmissionRequest) -> None:
        chosen = self._matching(request)
        if chosen is None:
            return
        asked = [pair for pair in chosen if await self._holds(pair[0], request, pair[1])]
        if not asked:
            return
        async with asyncio.TaskGroup() as tasks:
            calls = [
                tasks.create_task(self._ask(hook, request, target, f"round_0_index_{index}"), name=hook.name)
                for index, (hook, target) in enumerate(asked)
            ]
        for call in calls:
            refusal = call.result()
            if isinstance(refusal, StatusError):
                raise refusal
