"""Calling a webhook: connections that stay open, per place; failures in upstream's words.

A Service is resolved to one of its ready endpoints for each new connection; its certificate must be for
`name.namespace.svc`. May import: client.transport, deps, proxying.places, webhooks.
"""

from __future__ import annotations

import asyncio
import os
import random
import ssl
import uuid

import orjson

from kajitori.aiokit.logs import get_logger
from kajitori.aiokit.services import Background
from kajitori.api.registration import Resource
from kajitori.apiserver.admission.matching.equivalents import prepare
from kajitori.apiserver.admission.webhooks.answer import Unusable, Verdict, read_response
from kajitori.apiserver.admission.webhooks.hook import Place, Webhook
from kajitori.apiserver.admission.webhooks.review import review
from kajitori.apiserver.admission_types import AdmissionRequest
from kajitori.apiserver.deps import Reader
from kajitori.apiserver.proxying.places import server_place
from kajitori.client.config import ConfigError, RestConfig
from kajitori.client.connection import Response
from kajitori.client.transport import Transport
from kajitori.machinery.errors import NotFound, StatusError
from kajitori.machinery.statuses import BARE_MESSAGES

log = get_logger("apiserver.webhooks")
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json, */*"}
_USER_AGENT = "kube-apiserver-admission"


class CallFailed(Exception):
    """No usable answer; failurePolicy says what that means. `code` is what it answered, 503 where nobody did."""

    def __init__(self, webhook: str, why: str, code: int = 503) -> None:
        super().__init__(f'failed calling webhook "{webhook}": {why}')
        self.code = code


class Caller:
    """Shared by all webhooks. `keep` closes what no configuration names any more; `close` everything."""

    def __init__(self, reader: Reader, rng: random.Random | None = None) -> None:
        self._reader = reader
        self._rng = rng or random.Random()
        self._transports: dict[Place, Transport] = {}
        self._background = Background("webhook connections")

    async def call(self, hook: Webhook, request: AdmissionRequest, target: Resource, *, mutating: bool) -> Verdict:
        """Ask the webhook. Raises CallFailed, and StatusError where the object cannot be shown as it asks for."""
        uid = str(uuid.uuid4())
        if not hook.review_version:
            raise CallFailed(hook.name, "could not get a versioned REST client: no supported AdmissionReview version")
        await prepare(request, target)
        body = orjson.dumps(review(request, target, hook.review_version, uid))
        response = await self._post(hook, body)
        try:
            return read_response(response.body, hook.review_version, uid, mutating=mutating)
        except Unusable as error:
            raise CallFailed(hook.name, str(error), response.status) from error

    async def _post(self, hook: Webhook, body: bytes) -> Response:
        where = f"{hook.place.base}{hook.place.target}"
        where += f"{'&' if '?' in where else '?'}timeout={hook.timeout_s}s"
        query = [("timeout", f"{hook.timeout_s}s")]
        try:
            response = await self._transport(hook.place).request(
                "POST", hook.place.target, query=query, body=body, headers=_HEADERS, timeout_s=hook.timeout_s
            )
        except (OSError, ConfigError, StatusError) as error:
            why = f'failed to call webhook: Post "{where}": {describe(error, _peer(hook.place))}'
            raise CallFailed(hook.name, why) from error
        if not 200 <= response.status <= 206:
            raise CallFailed(hook.name, f"failed to call webhook: {unexpected(response)}", response.status)
        return response

    def _transport(self, place: Place) -> Transport:
        found = self._transports.get(place)
        if found is None:
            config = RestConfig(server=place.base, ca_data=place.ca or None, user_agent=_USER_AGENT)
            dial = (lambda: self._dial(place)) if place.service else None
            found = self._transports[place] = Transport(config, dial=dial, repeats_all=True)
        return found

    def _dial(self, place: Place) -> tuple[str, int]:
        """Where a Service's webhook listens just now. Raises StatusError."""
        try:
            return server_place(self._reader, place.namespace, place.service, place.port, self._rng)
        except NotFound as error:
            raise NotFound(f'service "{place.service}" not found') from error

    def keep(self, places: set[Place]) -> None:
        """Close the connections to all other places."""
        for place in [p for p in self._transports if p not in places]:
            self._background.start(self._transports.pop(place).close())

    async def close(self) -> None:
        """Closes the connections that idle; TimeoutError if that takes more than two seconds."""
        self.keep(set())
        await asyncio.wait_for(self._background.drained(), 2)


def describe(error: Exception, peer: str = "") -> str:
    """A failed call, as Go's client words it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"tls: failed to verify certificate: x509: {_certificate_fault(error)}"
    if isinstance(error, ssl.SSLError) and getattr(error, "reason", "") == "WRONG_VERSION_NUMBER":
        return "tls: first record does not look like a TLS handshake"
    if isinstance(error, ssl.SSLError):
        return f"remote error: tls: {(getattr(error, 'reason', '') or str(error)).lower().replace('_', ' ')}"
    if isinstance(error, TimeoutError):
        return "context deadline exceeded"
    if isinstance(error, ConnectionRefusedError) or (isinstance(error, OSError) and error.errno):
        return f"dial tcp{' ' + peer if peer else ''}: connect: {os.strerror(error.errno or 111).lower()}"
    return str(error) or type(error).__name__


def _certificate_fault(error: ssl.SSLCertVerificationError) -> str:
    text = error.verify_message
    if error.verify_code in (18, 19, 20, 21):  # self-signed, unknown issuer
        return "certificate signed by unknown authority"
    if error.verify_code == 10:
        return "certificate has expired or is not yet valid"
    return text


def _peer(place: Place) -> str:
    """`127.0.0.1:443` of a URL; a Service's endpoints come and go."""
    if place.service:
        return ""
    return place.base.partition("://")[2] if place.base.count(":") > 1 else f"{place.base.partition('://')[2]}:443"


_OWN_WORDS = frozenset({403, 406, 415})
"""Answers of which upstream's client tells the text alone."""


def unexpected(response: Response) -> str:
    """An answer that is no success, as upstream's REST client words it."""
    try:
        status = orjson.loads(response.body)
        if isinstance(status, dict) and status.get("kind") == "Status" and status.get("message"):
            return str(status["message"])
    except orjson.JSONDecodeError:
        pass
    text = response.body[:2048].decode("utf-8", "replace").strip()
    if response.status in _OWN_WORDS:
        return text
    if response.status in BARE_MESSAGES:
        return BARE_MESSAGES[response.status]
    if response.status >= 500:
        return f'an error on the server ("{text or "unknown"}") has prevented the request from succeeding'
    return f"the server responded with the status code {response.status} but did not return more information"
