"""Encryption at rest: formats, configuration, and the store that encrypts."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from kajitori.api.scheme import builtin
from kajitori.apiserver.encryption.configuration import EncryptionConfigError, parse
from kajitori.apiserver.encryption.providers import AESCBC, AESGCM, CannotRead, Identity, SecretBox
from kajitori.apiserver.encryption.store import EncryptedStore, Unreadable
from kajitori.storage.memory import MemoryStore

KEY = base64.b64encode(b"k" * 32).decode()
OTHER = base64.b64encode(b"o" * 32).decode()
SECRET, CONFIG = "/registry/secrets/default/token", "/registry/configmaps/default/settings"


def configuration(*entries: tuple[list[str], list[dict[str, Any]]]) -> Any:
    resources = [{"resources": names, "providers": providers} for names, providers in entries]
    return parse(
        {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "EncryptionConfiguration", "resources": resources}
    )


def keyed(kind: str, secret: str = KEY, name: str = "key1") -> dict[str, Any]:
    return {kind: {"keys": [{"name": name, "secret": secret}]}}


@pytest.mark.parametrize("make", [AESCBC, AESGCM, SecretBox])
@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 5000])
def test_what_was_sealed_opens_again(make: Any, size: int) -> None:
    provider, data = make("key1", b"k" * 32), b"d" * size
    sealed = provider.encrypt(data, b"name")
    assert provider.decrypt(sealed, b"name") == data
    assert sealed != provider.encrypt(data, b"name")


@pytest.mark.parametrize("make", [AESGCM, SecretBox])
def test_tampering_is_noticed(make: Any) -> None:
    provider = make("key1", b"k" * 32)
    sealed = bytearray(provider.encrypt(b"secret", b"name"))
    sealed[-1] ^= 1
    with pytest.raises(CannotRead):
        provider.decrypt(bytes(sealed), b"name")


def test_gcm_value_moved_to_another_name_is_noticed() -> None:
    provider = AESGCM("key1", b"k" * 32)
    with pytest.raises(CannotRead):
        provider.decrypt(provider.encrypt(b"secret", b"name"), b"other")


def test_cbc_reads_a_value_made_by_another_implementation() -> None:
    # NIST SP 800-38A F.2.5, its first block as the IV and padding of our own
    key = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
    iv = bytes.fromhex("000102030405060708090a0b0c0d0e0f")
    block = bytes.fromhex("f58c4c04d6e5f1ba779eabfb5f7bfbd6")
    plain = bytes.fromhex("6bc1bee22e409f96e93d7e117393172a")
    sealed = AESCBC("k", key).encrypt(plain, b"")
    assert AESCBC("k", key).decrypt(sealed, b"") == plain
    cipher = AESCBC("k", key)._cipher(iv).decryptor()
    assert cipher.update(block) + cipher.finalize() == plain


def test_identity_does_not_take_a_cipher_for_text() -> None:
    with pytest.raises(CannotRead, match="identity transformer tried to read encrypted data"):
        Identity().decrypt(b"k8s:enc:aescbc:v1:key1:xxxx", b"")


@pytest.mark.parametrize(
    ("names", "resource", "covered"),
    [
        (["secrets"], "secrets", True),
        (["secrets"], "configmaps", False),
        (["*."], "secrets.", True),
        (["*."], "deployments.apps", False),
        (["*.apps"], "deployments.apps", True),
        (["*.*"], "secrets.", True),
        (["pandas.bears.example"], "pandas.bears.example", True),
    ],
)
def test_resources_are_named_or_matched(names: list[str], resource: str, covered: bool) -> None:
    (entry,) = configuration((names, [{"identity": {}}]))
    assert (entry.covers(resource) or entry.covers(resource.removesuffix("."))) == covered


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "EncryptionConfiguration"},
        [(["secrets"], [])],
        [([], [{"identity": {}}])],
        [(["*"], [{"identity": {}}])],
        [(["secrets"], [{"kms": {"name": "x"}}])],
        [(["secrets"], [{"aescbc": {"keys": [{"name": "k", "secret": "%%"}]}}])],
        [(["secrets"], [{"secretbox": {"keys": [{"name": "k", "secret": base64.b64encode(b"short").decode()}]}}])],
        [(["secrets"], [{"rot13": {"keys": [{"name": "k", "secret": KEY}]}}])],
    ],
)
def test_wrong_configurations_are_refused(document: Any) -> None:
    with pytest.raises(EncryptionConfigError) as caught:
        configuration(*document) if isinstance(document, list) else parse(document)
    assert KEY not in str(caught.value)


AT = "resources[0].providers[0]"


@pytest.mark.parametrize(
    ("names", "providers", "why"),
    [
        (["secrets"], [], "resources[0].providers: Required value: at least one resources[0].providers is required"),
        (
            [],
            [{"identity": {}}],
            "resources[0].resources: Required value: at least one resources[0].resources is required",
        ),
        (["Secrets"], [{"identity": {}}], "resource name should not contain capital letters"),
        (["*"], [{"identity": {}}], "use '*.' to encrypt all the resources from core API group or *.* to"),
        (["secrets", "*."], [{"identity": {}}], "using overlapping resources such as 'secrets' and '*.'"),
        (["secrets", "secrets"], [{"identity": {}}], "the same resource cannot be specified multiple times"),
        (["*.extensions"], [{"identity": {}}], "'extensions' group has been removed and cannot be used"),
        (["events.events.k8s.io"], [{"identity": {}}], "Use 'events' instead in the config file"),
        (["secrets.*"], [{"identity": {}}], "encrypting the same resource across groups is not supported"),
        (["secrets"], [{"rot13": {}}], "provider does not contain any of the expected providers: KMS, AESGCM"),
        (["secrets"], [{"identity": {}, **keyed("aescbc")}], "more than one provider specified in a single element"),
        (["secrets"], [{"aescbc": {}}], f"{AT}.aescbc.keys: Required value: at least one keys is required"),
        (
            ["secrets"],
            [keyed("aescbc", "%%")],
            f'{AT}.aescbc.keys[0].secret: Invalid value: "REDACTED": secrets must be',
        ),
        (
            ["secrets"],
            [keyed("secretbox", "c2hvcnQ=")],
            "secret is not of the expected length, got 5, expected one of [32]",
        ),
        (
            ["secrets"],
            [keyed("aescbc", name="")],
            f"{AT}.aescbc.keys[0].name: Required value: name is a mandatory field",
        ),
    ],
)
def test_what_is_wrong_is_told_in_upstreams_words(names: list[str], providers: list[Any], why: str) -> None:
    with pytest.raises(EncryptionConfigError) as caught:
        configuration((names, providers))
    assert str(caught.value).startswith("error while parsing file: ") and why in str(caught.value)


def test_a_rule_behind_a_wildcard_is_told() -> None:
    with pytest.raises(EncryptionConfigError, match=r'resource "secrets" is masked by earlier rule "\*\."'):
        configuration((["*."], [{"identity": {}}]), (["secrets"], [{"identity": {}}]))


def test_a_resource_that_is_named_twice_is_written_by_the_first_and_read_by_both() -> None:
    async def main() -> None:
        inner = MemoryStore()
        old = on(inner, (["secrets"], [keyed("aesgcm", OTHER, "old")]))
        await old.create(SECRET, b"swordfish")
        both = on(inner, (["secrets"], [keyed("aesgcm")]), (["secrets"], [keyed("aesgcm", OTHER, "old")]))
        found = await both.get(SECRET)
        assert found is not None and found.value == b"swordfish" and both.is_stale(SECRET)

    asyncio.run(main())


def on(inner: MemoryStore, *entries: Any) -> EncryptedStore:
    return EncryptedStore(inner, configuration(*entries), builtin().resources())


def test_store_encrypts_what_it_is_told_to_and_nothing_else() -> None:
    async def main() -> None:
        inner = MemoryStore()
        store = on(inner, (["secrets"], [keyed("secretbox"), {"identity": {}}]))
        watch = await store.watch("/registry/", store.revision())
        await store.create(SECRET, b"swordfish")
        await store.create(CONFIG, b"plain")
        assert (await inner.get(SECRET)).value.startswith(b"k8s:enc:secretbox:v1:key1:")
        assert b"swordfish" not in (await inner.get(SECRET)).value
        assert (await inner.get(CONFIG)).value == b"plain"
        assert (await store.get(SECRET)).value == b"swordfish"
        assert [item.value for item in (await store.range("/registry/")).items] == [b"plain", b"swordfish"]
        seen = [event.value for event in await anext(watch)]
        while len(seen) < 2:
            seen += [event.value for event in await anext(watch)]
        assert seen == [b"swordfish", b"plain"]
        watch.close()

    asyncio.run(main())


def test_values_under_an_older_key_are_read_and_stale_until_written() -> None:
    async def main() -> None:
        inner = MemoryStore()
        await on(inner, (["secrets"], [keyed("aescbc", KEY, "old")])).create(SECRET, b"swordfish")
        store = on(inner, (["secrets"], [keyed("aesgcm", OTHER, "new"), keyed("aescbc", KEY, "old")]))
        found = await store.get(SECRET)
        assert found.value == b"swordfish"
        assert store.is_stale(SECRET)
        await store.update(SECRET, found.value, found.revision)
        assert (await store.get(SECRET)).value == b"swordfish"
        assert not store.is_stale(SECRET)
        assert (await inner.get(SECRET)).value.startswith(b"k8s:enc:aesgcm:v1:new:")

    asyncio.run(main())


@pytest.mark.parametrize("providers", [[keyed("aescbc", OTHER)], [{"identity": {}}], [keyed("aescbc", KEY, "else")]])
def test_unreadable_values_are_an_error_not_a_gap(providers: list[Any]) -> None:
    async def main() -> None:
        inner = MemoryStore()
        await on(inner, (["secrets"], [keyed("aescbc")])).create(SECRET, b"swordfish" * 10)
        with pytest.raises(Unreadable, match=f'unable to transform key "{SECRET}"'):
            await on(inner, (["secrets"], providers)).range("/registry/")

    asyncio.run(main())


def test_custom_resources_are_known_by_their_keys() -> None:
    async def main() -> None:
        inner = MemoryStore()
        key = "/registry/bears.example/pandas/default/one"
        await on(inner, (["pandas.bears.example"], [keyed("aesgcm")])).create(key, b"bamboo")
        assert (await inner.get(key)).value.startswith(b"k8s:enc:aesgcm:v1:key1:")

    asyncio.run(main())
