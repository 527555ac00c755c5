"""A KMS provider, version 2 (KEP-3299): keys for values are made here, from a seed that only a plugin can decrypt.

    k8s:enc:kms:v2:NAME:  an EncryptedObject: the seed as the plugin encrypted it, the plugin's key, and
                          32 bytes of info, 12 bytes nonce, AES-GCM with the key HKDF-SHA256(seed, info)

One seed serves until the plugin's key changes: `check` looks every now and then, and a seed is written with for
three minutes after it was last confirmed. Seeds of stored values are asked of the plugin once, by `fetch`, before
`decrypt` needs them. May import: encryption.{kms_pb2,kmsplugin,providers}, machinery, cryptography.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from google.protobuf.message import DecodeError

from kajitori.apiserver.encryption import kms_pb2 as pb
from kajitori.apiserver.encryption.kmsplugin import Plugin, PluginError
from kajitori.apiserver.encryption.providers import CannotRead, Remote
from kajitori.machinery import names
from kajitori.machinery.errors import InternalError
from kajitori.machinery.times import format_time

SEED_BYTES = INFO_BYTES = KEY_BYTES = 32
NONCE_BYTES = 12
WRITES_FOR_S = 180.0
"""How long a seed is written with after the plugin last said that its key is the current one."""
GOOD_FOR_S, BAD_FOR_S = 20.0, 3.0
"""How long the plugin's last word counts."""
MOST_SEEDS = 10_000
MOST_KEY_ID, MOST_SOURCE, MOST_ANNOTATIONS = 1024, 1024, 32 * 1024
VERSIONS = ("v2", "v2beta1")
SEED, KEY = pb.HKDF_SHA256_XNONCE_AES_GCM_SEED, pb.AES_GCM_KEY

_Source = tuple[int, bytes, str, tuple[tuple[str, bytes], ...]]


@dataclass(frozen=True, slots=True)
class _Seed:
    """What is written with; `head` is all of the stored object but the data."""

    key_id: str
    seed: bytes
    head: bytes


class KMS(Remote):
    """See providers.Provider; `problem` says why it is not well, "" when it is."""

    def __init__(self, name: str, plugin: Plugin, now: Callable[[], float] = time.monotonic) -> None:
        self.name = name
        self.prefix = b"k8s:enc:kms:v2:%b:" % name.encode()
        self.problem = "it has not been asked yet"
        self.due = 0.0
        self._plugin = plugin
        self._now = now
        self._version = ""
        self._current: _Seed | None = None
        self._expires = 0.0
        self._seeds: dict[_Source, bytes] = {}

    # the plugin's word

    async def check(self) -> None:
        """Ask for its status; with a new key comes a new seed. Never raises: see `problem`."""
        try:
            problems = await self._heed(await self._plugin.status())
            self.problem = f"kmsv2 Provider {self.name} is not healthy, error: {_joined(problems)}" if problems else ""
        except PluginError as error:
            start = "failed to perform status section of the healthz check for KMS Provider"
            self.problem = f"{start} {self.name}, error: {error}"
        self.due = self._now() + (BAD_FOR_S if self.problem else GOOD_FOR_S)

    async def _heed(self, status: pb.StatusResponse) -> list[str]:
        problems = []
        if status.healthz != "ok":
            problems.append(f"got unexpected healthz status: {status.healthz}")
        if status.version not in VERSIONS:
            problems.append(f"expected KMSv2 API version v2, got {status.version}")
        else:
            self._version = self._version or status.version
            if self._version != status.version:
                text = "KMSv2 API version should not change after the initial status response version"
                problems.append(f"{text} {self._version}, got {status.version}")
        if why := _key_id_problem(status.key_id):
            problems.append(f'got invalid KMSv2 KeyID hash "{_hash(status.key_id)}": {why}')
        elif why := await self._confirm(status.key_id):
            problems.append(why)
        return problems

    async def _confirm(self, key_id: str) -> str:
        """Go on with the seed, or make one for this key."""
        if self._current is None or self._current.key_id != key_id:
            seed = os.urandom(SEED_BYTES)
            try:
                made = await self._plugin.encrypt(seed)
            except PluginError as error:
                return f"failed to rotate DEK: failed to encrypt DEK, error: {error}"
            stored = pb.EncryptedObject(
                keyID=made.key_id,
                encryptedDEKSource=made.ciphertext,
                annotations=made.annotations,
                encryptedDEKSourceType=SEED,
            )
            why = _problem(stored)
            if not why and made.key_id != key_id:
                hashes = f'statusKeyIDHash="{_hash(key_id)}", encryptKeyIDHash="{_hash(made.key_id)}"'
                why = f"the key of the status is not the one that encrypts: {hashes}"
            if why:
                return f"failed to rotate DEK: {why}"
            self._remember(_source(stored), seed)
            self._current = _Seed(key_id, seed, stored.SerializeToString(deterministic=True))
        self._expires = self._now() + WRITES_FOR_S
        return ""

    # values

    def encrypt(self, data: bytes, name: bytes) -> bytes:
        """Raises InternalError when there is no seed, or none that may still be used."""
        current = self._current
        if current is None:
            raise InternalError.of(f"KMS provider {self.name}: {self.problem}")
        if self._now() > self._expires:
            now = datetime.now(UTC)
            end = now - timedelta(seconds=self._now() - self._expires)
            times = f"expired at {format_time(end)} (current time is {format_time(now)})"
            raise InternalError.of(f'encryptedDEKSource with keyID hash "{_hash(current.key_id)}" {times}')
        info, nonce = os.urandom(INFO_BYTES), os.urandom(NONCE_BYTES)
        sealed = info + nonce + _derived(current.seed, info).encrypt(nonce, data, name)
        return pb.EncryptedObject(encryptedData=sealed).SerializeToString() + current.head

    def decrypt(self, data: bytes, name: bytes) -> bytes:
        """Raises CannotRead, also for a value whose seed has not been fetched."""
        stored = _parsed(data)
        seed = self._seeds.get(_source(stored))
        if seed is None:
            raise CannotRead(f"failed to decrypt DEK: KMS provider {self.name} has not been asked")
        sealed = stored.encryptedData
        at = INFO_BYTES if stored.encryptedDEKSourceType == SEED else 0
        if len(sealed) < at + NONCE_BYTES:
            raise CannotRead("the stored data was shorter than the required size")
        cipher = _derived(seed, sealed[:at]) if at else AESGCM(seed)
        try:
            return cipher.decrypt(sealed[at : at + NONCE_BYTES], sealed[at + NONCE_BYTES :], name)
        except InvalidTag as error:
            raise CannotRead("cipher: message authentication failed") from error

    def written_with(self, data: bytes) -> bytes:
        """The plugin's key of a stored value."""
        return _parsed(data).keyID.encode()

    @property
    def writes_with(self) -> bytes:
        """The plugin's key of what is written now."""
        return self._current.key_id.encode() if self._current is not None else b""

    async def fetch(self, data: bytes) -> None:
        """Have the seed of a stored value at hand. Raises CannotRead."""
        stored = _parsed(data)
        source = _source(stored)
        if source in self._seeds:
            return
        try:
            seed = await self._plugin.decrypt(stored.encryptedDEKSource, stored.keyID, dict(stored.annotations))
        except PluginError as error:
            raise CannotRead(f"failed to decrypt DEK, error: {error}") from error
        if len(seed) < SEED_BYTES and not (stored.encryptedDEKSourceType == KEY and len(seed) in (16, 24)):
            raise CannotRead(f"invalid seed length {len(seed)} used for key generation")
        self._remember(source, seed)

    def _remember(self, source: _Source, seed: bytes) -> None:
        if len(self._seeds) >= MOST_SEEDS:
            del self._seeds[next(iter(self._seeds))]
        self._seeds[source] = seed

    def close(self) -> None:
        """It is asked no more."""
        self._plugin.close()


def _derived(seed: bytes, info: bytes) -> AESGCM:
    return AESGCM(HKDFExpand(SHA256(), KEY_BYTES, info).derive(seed))


def _parsed(data: bytes) -> pb.EncryptedObject:
    try:
        stored = pb.EncryptedObject.FromString(data)
    except DecodeError as error:
        raise CannotRead("the stored data is not an encrypted object") from error
    if why := "encrypted data is empty" if not stored.encryptedData else _problem(stored):
        raise CannotRead(why)
    return stored


def _source(stored: pb.EncryptedObject) -> _Source:
    annotations = tuple(sorted(stored.annotations.items()))
    return stored.encryptedDEKSourceType, stored.encryptedDEKSource, stored.keyID, annotations


def _problem(stored: pb.EncryptedObject) -> str:
    """Why a plugin's answer, or a stored object, cannot be used; "" when it can."""
    if stored.encryptedDEKSourceType not in (SEED, KEY):
        return f"unknown encryptedDEKSourceType: {stored.encryptedDEKSourceType}"
    start, size = "failed to validate encrypted DEK source: encrypted DEK source", len(stored.encryptedDEKSource)
    if not size:
        return f"{start} is empty"
    if size > MOST_SOURCE:
        return f"{start} is {size} bytes, which exceeds the max size of {MOST_SOURCE}"
    if why := _key_id_problem(stored.keyID):
        return f"failed to validate key id: {why}"
    total = sum(len(key.encode()) + len(value) for key, value in stored.annotations.items())
    if total > MOST_ANNOTATIONS:
        why = f"total size of annotations is {total}, which exceeds the max size of {MOST_ANNOTATIONS}"
        return f"failed to validate annotations: {why}"
    wrong = [key for key in stored.annotations if "." not in key or names.is_dns1123_subdomain(key)]
    text = "should be a domain with at least two segments separated by dots"
    return f'failed to validate annotations: annotations: Invalid value: "{wrong[0]}": {text}' if wrong else ""


def _key_id_problem(key_id: str) -> str:
    size = len(key_id.encode())
    if not size:
        return "keyID is empty"
    return f"keyID is {size} bytes, which exceeds the max size of {MOST_KEY_ID}" if size > MOST_KEY_ID else ""


def _hash(key_id: str) -> str:
    """Names of keys are nobody's business in logs and errors."""
    return f"sha256:{hashlib.sha256(key_id.encode()).hexdigest()}" if key_id else ""


def _joined(problems: list[str]) -> str:
    return problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]"
