"""What a client hears when the store refuses a write."""

import asyncio

import pytest
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from kajitori.api.registration import Resource
from kajitori.api.scheme import builtin
from kajitori.apiserver.objects.persisting import Persistence
from kajitori.machinery.errors import StatusError
from kajitori.storage.etcdapi.channel import translate
from kajitori.storage.interface import StoreError, StoreFull, StoreUnavailable


class Refusing:
    """A store that takes no write, with the cache before it."""

    def __init__(self, error: StoreError) -> None:
        self.error = error

    def expect(self, *_: object) -> None:
        return None

    async def create(self, *_: object) -> int:
        raise self.error


def refusal(config_maps: Resource, error: StoreError) -> StatusError:
    store = Refusing(error)
    persistence = Persistence(store, store)  # type: ignore[arg-type]
    obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "default"}}
    with pytest.raises(StatusError) as caught:
        asyncio.run(persistence.create(config_maps, obj, dry_run=False))
    return caught.value


@pytest.fixture
def config_maps() -> Resource:
    return builtin().by_plural("", "v1", "configmaps")


def test_a_full_store_is_an_error_that_no_client_tries_again_by_itself(config_maps: Resource) -> None:
    error = refusal(config_maps, StoreFull("no room"))
    assert (error.code, error.reason, error.message, error.retry_after_s) == (500, "", "no room", None)


def test_a_store_that_is_away_is_worth_another_try(config_maps: Resource) -> None:
    error = refusal(config_maps, StoreUnavailable("connection lost"))
    assert (error.code, error.reason, error.retry_after_s) == (503, "ServiceUnavailable", 1)


def test_etcd_without_room_is_full_in_its_own_words() -> None:
    text = "etcdserver: mvcc: database space exceeded"
    error = translate(GRPCError(Status.RESOURCE_EXHAUSTED, text))
    assert isinstance(error, StoreFull)
    assert str(error) == text
    assert not isinstance(translate(GRPCError(Status.RESOURCE_EXHAUSTED, "etcdserver: too many requests")), StoreFull)
