"""The encrypted store that the flags ask for, and the following of its file of keys.

May import: encryption.*, config, configfile, storage.interface.
"""

from collections.abc import Iterable

from kajitori.aiokit.clock import Clock
from kajitori.api.registration import Resource
from kajitori.apiserver.config import ServerConfig
from kajitori.apiserver.configfile import FollowedFile
from kajitori.apiserver.encryption.configuration import load
from kajitori.apiserver.encryption.store import EncryptedStore
from kajitori.storage.interface import Store


def sealed_store(config: ServerConfig, store: Store, resources: Iterable[Resource]) -> EncryptedStore:
    """A store whose values are encrypted as --encryption-provider-config says. Raises ConfigError."""
    reload = config.encryption_provider_config_automatic_reload
    return EncryptedStore(store, load(config.encryption_provider_config, reload=reload), resources)


def followed_keys(sealed: EncryptedStore, path: str, clock: Clock) -> FollowedFile:
    """--encryption-provider-config-automatic-reload."""
    return FollowedFile(path, clock, lambda: sealed.adopt(load(path, reload=True)))
