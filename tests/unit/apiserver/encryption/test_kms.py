"""A KMS provider: seeds and keys, what is stored, what the plugin may say, and the store that asks it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kajitori.api.scheme import builtin
from kajitori.apiserver.config import ConfigError
from kajitori.apiserver.encryption import kms_pb2 as pb
from kajitori.apiserver.encryption import store as stores
from kajitori.apiserver.encryption.configuration import Entry, parse
from kajitori.apiserver.encryption.kms import KMS
from kajitori.apiserver.encryption.kmsplugin import PluginError
from kajitori.apiserver.encryption.providers import AESGCM as Gcm  # noqa: N811
from kajitori.apiserver.encryption.providers import CannotRead, Identity
from kajitori.apiserver.encryption.store import EncryptedStore, Unreadable
from kajitori.machinery.errors import InternalError
from kajitori.storage.memory import MemoryStore

SECRET = "/registry/secrets/default/token"


class FakePlugin:
    """Turns what it is given around; the test says how it is."""

    def __init__(self) -> None:
        self.key_id, self.healthz, self.version = "key-1", "ok", "v2"
        self.encrypts_with = ""
        self.annotations: dict[str, bytes] = {"part.vault.example.com": b"x"}
        self.down = False
        self.asked: list[str] = []

    async def status(self) -> Any:
        self._up()
        return pb.StatusResponse(version=self.version, healthz=self.healthz, key_id=self.key_id)

    async def encrypt(self, plaintext: bytes) -> Any:
        self._up()
        self.asked.append("encrypt")
        key_id = self.encrypts_with or self.key_id
        return pb.EncryptResponse(ciphertext=plaintext[::-1], key_id=key_id, annotations=self.annotations)

    async def decrypt(self, ciphertext: bytes, key_id: str, annotations: Mapping[str, bytes]) -> bytes:
        self._up()
        self.asked.append(f"decrypt {key_id}")
        return ciphertext[::-1]

    def _up(self) -> None:
        if self.down:
            raise PluginError("nobody is there")

    def close(self) -> None:
        self.asked.append("close")


class Bench:
    def __init__(self) -> None:
        self.plugin: Any = FakePlugin()
        self.now = 1000.0
        self.kms = KMS("vault", self.plugin, lambda: self.now)

    def check(self) -> str:
        asyncio.run(self.kms.check())
        return self.kms.problem


def well() -> Bench:
    bench = Bench()
    assert bench.check() == ""
    return bench


def test_what_is_stored_is_upstreams_object_and_opens_by_its_formula() -> None:
    bench = well()
    stored = pb.EncryptedObject.FromString(bench.kms.encrypt(b"swordfish", SECRET.encode()))
    assert (stored.keyID, stored.encryptedDEKSourceType) == ("key-1", 1)
    assert dict(stored.annotations) == {"part.vault.example.com": b"x"}
    seed, data = stored.encryptedDEKSource[::-1], stored.encryptedData
    key = hmac.new(seed, data[:32] + b"\x01", hashlib.sha256).digest()  # HKDF-Expand, one block
    assert AESGCM(key).decrypt(data[32:44], data[44:], SECRET.encode()) == b"swordfish"


def test_what_was_sealed_opens_under_its_own_name_only() -> None:
    kms = well().kms
    sealed = kms.encrypt(b"swordfish", b"a")
    assert kms.decrypt(sealed, b"a") == b"swordfish"
    assert sealed != kms.encrypt(b"swordfish", b"a")
    with pytest.raises(CannotRead, match="authentication failed"):
        kms.decrypt(sealed, b"b")


def test_a_value_with_a_plain_key_is_read_too() -> None:
    bench = well()
    key, nonce = b"k" * 32, b"n" * 12
    data = nonce + AESGCM(key).encrypt(nonce, b"old", b"a")
    sealed = pb.EncryptedObject(encryptedData=data, keyID="key-0", encryptedDEKSource=key[::-1]).SerializeToString()
    with pytest.raises(CannotRead, match="has not been asked"):
        bench.kms.decrypt(sealed, b"a")
    asyncio.run(bench.kms.fetch(sealed))
    assert bench.kms.decrypt(sealed, b"a") == b"old"


def test_a_new_key_of_the_plugin_brings_a_new_seed_and_the_old_one_still_opens() -> None:
    bench = well()
    old = bench.kms.encrypt(b"old", b"a")
    bench.plugin.key_id = "key-2"
    assert bench.check() == ""
    new = bench.kms.encrypt(b"new", b"a")
    assert (bench.kms.written_with(old), bench.kms.written_with(new), bench.kms.writes_with) == (
        b"key-1",
        b"key-2",
        b"key-2",
    )
    assert bench.kms.decrypt(old, b"a") == b"old"
    assert bench.plugin.asked == ["encrypt", "encrypt"]


def test_one_seed_serves_as_long_as_the_key_is_the_same() -> None:
    bench = well()
    for _ in range(3):
        assert bench.check() == ""
        bench.kms.encrypt(b"x", b"a")
    assert bench.plugin.asked == ["encrypt"]


def test_a_seed_that_nobody_confirms_is_not_written_with_for_ever() -> None:
    bench = well()
    bench.plugin.down = True
    assert "failed to perform status section of the healthz check for KMS Provider vault" in bench.check()
    bench.now += 179
    sealed = bench.kms.encrypt(b"x", b"a")
    bench.now += 2
    with pytest.raises(InternalError, match=r"encryptedDEKSource with keyID hash .sha256:.* expired at"):
        bench.kms.encrypt(b"x", b"a")
    assert bench.kms.decrypt(sealed, b"a") == b"x"


def test_without_a_seed_nothing_is_written() -> None:
    bench = Bench()
    bench.plugin.down = True
    bench.check()
    with pytest.raises(InternalError, match="nobody is there"):
        bench.kms.encrypt(b"x", b"a")


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ({"healthz": "sealed"}, "got unexpected healthz status: sealed"),
        ({"version": "v3"}, "expected KMSv2 API version v2, got v3"),
        ({"key_id": ""}, 'got invalid KMSv2 KeyID hash "": keyID is empty'),
        ({"key_id": "k" * 1025}, "keyID is 1025 bytes, which exceeds the max size of 1024"),
        ({"encrypts_with": "other"}, "failed to rotate DEK"),
        ({"annotations": {"short": b""}}, "should be a domain with at least two segments separated by dots"),
        ({"annotations": {"a.b": b"x" * 40_000}}, "total size of annotations is 40003"),
    ],
)
def test_a_plugin_that_says_something_wrong_is_not_well(says: dict[str, Any], why: str) -> None:
    bench = Bench()
    for name, value in says.items():
        setattr(bench.plugin, name, value)
    problem = bench.check()
    assert problem.startswith("kmsv2 Provider vault is not healthy, error: ") and why in problem
    assert bench.kms.due == bench.now + 3


def test_the_version_does_not_change() -> None:
    bench = well()
    bench.plugin.version = "v2beta1"
    assert "should not change after the initial status response version v2, got v2beta1" in bench.check()


def entry(*providers: Any) -> Entry:
    return Entry(("secrets",), providers)


def test_the_store_asks_once_for_each_seed_and_knows_what_is_stale() -> None:
    async def scenario() -> None:
        inner, first = MemoryStore(), Bench()
        store = EncryptedStore(inner, [entry(first.kms)], builtin().resources())
        await store.start()
        for number in range(20):
            await store.create(f"{SECRET}{number}", b"swordfish")
        raw = await inner.get(f"{SECRET}0")
        assert raw is not None and raw.value.startswith(b"k8s:enc:kms:v2:vault:")
        second = Bench()  # another server, which knows no seed yet
        again = EncryptedStore(inner, [entry(second.kms)], builtin().resources())
        await again.start()
        found = await again.range("/registry/")
        assert {item.value for item in found.items} == {b"swordfish"}
        assert second.plugin.asked == ["encrypt", "decrypt key-1"]
        assert not again.is_stale(f"{SECRET}0")
        second.plugin.key_id = "key-2"
        await second.kms.check()
        assert again.is_stale(f"{SECRET}0")
        await again.close()

    asyncio.run(scenario())


def test_a_watch_opens_what_another_server_wrote() -> None:
    async def scenario() -> None:
        inner, first, second = MemoryStore(), Bench(), Bench()
        one, two = (EncryptedStore(inner, [entry(b.kms)], builtin().resources()) for b in (first, second))
        await one.start()
        await two.start()
        watch = await two.watch("/registry/", two.revision())
        await one.create(SECRET, b"swordfish")
        (event,) = await anext(watch)
        assert event.value == b"swordfish"

    asyncio.run(scenario())


def test_a_value_that_the_plugin_cannot_open_ends_the_reading() -> None:
    async def scenario() -> None:
        inner, bench = MemoryStore(), Bench()
        store = EncryptedStore(inner, [entry(bench.kms)], builtin().resources())
        await store.start()
        await store.create(SECRET, b"swordfish")
        other = Bench()
        other.plugin.down = True
        with pytest.raises(Unreadable, match="failed to decrypt DEK, error: nobody is there"):
            await EncryptedStore(inner, [entry(other.kms)], builtin().resources()).get(SECRET)

    asyncio.run(scenario())


def test_a_changed_configuration_is_taken_over_when_its_plugin_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "START_S", 0.0)

    async def scenario() -> None:
        plain, bench = Gcm("key1", b"k" * 32), Bench()
        store = EncryptedStore(MemoryStore(), [entry(plain)], builtin().resources())
        await store.create(SECRET, b"swordfish")
        await store.get(SECRET)
        bench.plugin.down = True
        with pytest.raises(ConfigError, match="nobody is there"):
            await store.adopt([entry(bench.kms, plain, Identity())])
        assert not store.kms
        bench.plugin.down = False
        await store.adopt([entry(bench.kms, plain, Identity())])
        assert store.kms and store.is_stale(SECRET) and store.health() == ""
        await store.close()
        assert bench.plugin.asked[-1] == "close"

    asyncio.run(scenario())


def kms(**settings: Any) -> Any:
    provider = {"kms": {"apiVersion": "v2", "name": "vault", "endpoint": "unix:///run/kms.sock"} | settings}
    return {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "EncryptionConfiguration",
        "resources": [{"resources": ["secrets"], "providers": [provider, {"identity": {}}]}],
    }


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"name": ""}, "name is a mandatory field for a provider"),
        ({"name": "a:b"}, "invalid KMS provider name a:b, must not contain ':'"),
        ({"endpoint": ""}, "endpoint is a mandatory field for a kms"),
        ({"endpoint": "tcp://x"}, 'unsupported scheme "tcp" for KMS provider, only unix is supported'),
        ({"timeout": "0s"}, "timeout should be a positive value"),
        ({"apiVersion": "v3"}, "unsupported apiVersion apiVersion for KMS provider, only v1 and v2 are supported"),
        ({"apiVersion": "v1"}, "KMSv1 is deprecated"),
        ({"cachesize": 10}, "cachesize is not supported in v2"),
    ],
)
def test_a_wrong_provider_is_told_in_upstreams_words(settings: dict[str, Any], why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(kms(**settings))
    assert why in str(caught.value)


def test_two_providers_of_one_name_are_refused() -> None:
    document = kms()
    document["resources"] *= 2

    async def scenario() -> None:  # a channel wants a loop
        with pytest.raises(ConfigError, match="duplicate KMS provider name vault, names must be unique"):
            parse(document)

    asyncio.run(scenario())
