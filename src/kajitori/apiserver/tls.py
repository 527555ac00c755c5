"""The server's side of TLS: versions, cipher suites, certificates, and taking over renewed files while running.

May import: config, aiokit.
"""

from __future__ import annotations

import ssl
from pathlib import Path

from kajitori.aiokit.clock import Clock
from kajitori.aiokit.logs import get_logger
from kajitori.apiserver.config import ConfigError, ServerConfig

log = get_logger(__name__)
LOOK_EVERY_S = 60.0
_VERSIONS = {"": ssl.TLSVersion.TLSv1_2, "VersionTLS12": ssl.TLSVersion.TLSv1_2, "VersionTLS13": ssl.TLSVersion.TLSv1_3}
_TOO_OLD = frozenset({"VersionTLS10", "VersionTLS11"})
_CIPHERS = {
    f"TLS_ECDHE_{kind}_WITH_{ours}": f"ECDHE-{kind}-{theirs}"
    for kind in ("ECDSA", "RSA")
    for ours, theirs in (
        ("AES_128_GCM_SHA256", "AES128-GCM-SHA256"),
        ("AES_256_GCM_SHA384", "AES256-GCM-SHA384"),
        ("CHACHA20_POLY1305_SHA256", "CHACHA20-POLY1305"),
        ("CHACHA20_POLY1305", "CHACHA20-POLY1305"),
        ("AES_128_CBC_SHA256", "AES128-SHA256"),
        ("AES_128_CBC_SHA", "AES128-SHA"),
        ("AES_256_CBC_SHA", "AES256-SHA"),
    )
}
_OF_TLS_13 = frozenset({"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"})
"""Always on with TLS 1.3, as upstream: naming them changes nothing."""


def server_context(config: ServerConfig) -> ssl.SSLContext:
    """Client certificates are asked for and checked against the client CAs, but not required. Raises ConfigError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = minimum_version(config.tls_min_version)
    if config.tls_cipher_suites:
        context.set_ciphers(ciphers(config.tls_cipher_suites))
    context.set_alpn_protocols(["http/1.1"])
    _load(context, config)
    return context


def minimum_version(name: str) -> ssl.TLSVersion:
    """The value of --tls-min-version, such as VersionTLS12; raises ConfigError."""
    if name in _TOO_OLD:
        raise ConfigError(f"--tls-min-version={name} is not supported: TLS before 1.2 is not safe")
    if name not in _VERSIONS:
        raise ConfigError(f'unknown tls version "{name}"')
    return _VERSIONS[name]


def ciphers(names: tuple[str, ...]) -> str:
    """OpenSSL's words for cipher suites."""
    for name in names:
        if name not in _CIPHERS and name not in _OF_TLS_13:
            raise ConfigError(f"Cipher suite {name} not supported or doesn't exist")
    return ":".join(_CIPHERS[name] for name in names if name in _CIPHERS) or "DEFAULT"


def _load(context: ssl.SSLContext, config: ServerConfig) -> None:
    try:
        context.load_cert_chain(config.tls_cert_file, config.tls_private_key_file)
    except OSError as error:  # an SSLError too: it does not say in which file
        files = f"{config.tls_cert_file}, {config.tls_private_key_file}"
        raise ConfigError(f"failed to load the serving certificate and its key ({files}): {_why(error)}") from error
    for ca in (config.client_ca_file, config.requestheader_client_ca_file):
        if ca:
            try:
                context.load_verify_locations(cadata=Path(ca).read_text())
            except (OSError, UnicodeDecodeError) as error:
                raise ConfigError(f"unable to load client CA provider: {ca}: {_why(error)}") from error
            context.verify_mode = ssl.CERT_OPTIONAL


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) or not isinstance(error, OSError):
        return "data does not contain a valid certificate or key"
    return (error.strerror or str(error)).lower()


class Reloading:
    """Takes over a renewed serving certificate, and CAs that were added, for connections that are made afterwards.

    A CA that was taken out of its file is believed until the next start.
    """

    def __init__(self, context: ssl.SSLContext, config: ServerConfig, clock: Clock) -> None:
        self._context, self._config, self._clock = context, config, clock
        self._seen = self._stamps()

    async def run(self) -> None:
        """Serve until cancelled."""
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            self.look()

    def look(self) -> bool:
        """Whether there was something new that could be used."""
        now = self._stamps()
        if now == self._seen or None in now:
            return False
        try:
            _load(self._context, self._config)
        except (OSError, ValueError) as error:  # half written, perhaps: look again
            log.error("renewed certificates cannot be used yet", error)
            return False
        self._seen = now
        log.info("loaded renewed certificates")
        return True

    def _stamps(self) -> tuple[int | None, ...]:
        config = self._config
        files = (
            config.tls_cert_file,
            config.tls_private_key_file,
            config.client_ca_file,
            config.requestheader_client_ca_file,
        )
        return tuple(_stamp(file) for file in files if file)


def _stamp(file: str) -> int | None:
    try:
        return Path(file).stat().st_mtime_ns
    except OSError:
        return None
