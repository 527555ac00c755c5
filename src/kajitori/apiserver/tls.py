"""The server's side of TLS: versions, cipher suites, certificates, and taking over renewed files while running.

May import: config, authentication.dates, aiokit.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from time import time as clock_time

from kajitori.aiokit.clock import Clock
from kajitori.aiokit.logs import get_logger
from kajitori.apiserver.authentication.dates import believable, certificates_in
from kajitori.apiserver.config import ConfigError, ServerConfig

log = get_logger(__name__)
LOOK_EVERY_S = 60.0
NO_CHECK_TIME = ssl.VerifyFlags(0x200000)
"""X509_V_FLAG_NO_CHECK_TIME: a client whose certificate has expired gets an answer, 401. It is authentication that
looks at the dates, with each request (authentication.dates); no other server of ours may have this.
"""
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


def server_context(config: ServerConfig) -> Serving:
    """What to listen with. Client certificates are asked for and checked against the client CAs, but not required.

    Raises ConfigError.
    """
    return Serving(config)


class Serving:
    """`context` is what the listener has; every connection is given the newest, by the name that the client asks for.

    So a certificate that was renewed, and a CA that was added or taken out, count from the next connection on. Sessions
    are not resumed: one could outlive its CA.
    """

    def __init__(self, config: ServerConfig) -> None:
        self._config = config
        self._newest, self._named = self._built()
        self.context = _context(config, config.tls_cert_file, config.tls_private_key_file)
        self.context.sni_callback = self._choose

    def reload(self) -> None:
        """Read all files again. Raises ConfigError, and everything stays as it is."""
        self._newest, self._named = self._built()

    def _built(self) -> tuple[ssl.SSLContext, dict[str, ssl.SSLContext]]:
        """The contexts: for any name, and by name (`*.example.com` too)."""
        config = self._config
        named: dict[str, ssl.SSLContext] = {}
        explicit: dict[str, ssl.SSLContext] = {}
        for given in config.tls_sni_cert_key:
            certificate, key, patterns = sni_pair(given)
            context = _context(config, certificate, key)
            named |= dict.fromkeys(names_in(certificate), context)
            explicit |= dict.fromkeys(patterns, context)
        return _context(config, config.tls_cert_file, config.tls_private_key_file), named | explicit

    def _choose(self, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
        name = (name or "").lower().rstrip(".")
        wildcard = f"*.{name.partition('.')[2]}"
        connection.context = self._named.get(name) or self._named.get(wildcard) or self._newest


def sni_pair(given: str) -> tuple[str, str, list[str]]:
    """(certificate, key, names) of a value of --tls-sni-cert-key: `file,file[:name,…]`. Raises ConfigError."""
    files, _, names = given.partition(":")
    certificate, comma, key = files.partition(",")
    if not comma or not certificate or not key or "," in key:
        raise ConfigError("expected comma separated certificate and key file paths")
    return certificate.strip(), key.strip(), [name.strip().lower() for name in names.split(",") if name.strip()]


def names_in(certificate: str) -> list[str]:
    """The names that a certificate is for. Raises ConfigError."""
    from cryptography import x509

    try:
        found = x509.load_pem_x509_certificates(Path(certificate).read_bytes())[0]
    except (OSError, ValueError, IndexError) as error:
        raise ConfigError(f"failed to load SNI cert and key: {certificate}: {_why(error)}") from error
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        common = found.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        return [str(one.value).lower() for one in common]
    return [name.lower() for name in names.get_values_for_type(x509.DNSName)]


def _context(config: ServerConfig, certificate: str, key: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = minimum_version(config.tls_min_version)
    if config.tls_cipher_suites:
        context.set_ciphers(ciphers(config.tls_cipher_suites))
    context.set_alpn_protocols(["http/1.1"])
    context.num_tickets = 0
    context.options |= ssl.OP_NO_TICKET
    _load(context, config, certificate, key)
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


def _load(context: ssl.SSLContext, config: ServerConfig, certificate: str, key: str) -> None:
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:  # an SSLError too: it does not say in which file
        files = f"{certificate}, {key}"
        raise ConfigError(f"failed to load the serving certificate and its key ({files}): {_why(error)}") from error
    for ca in (config.client_ca_file, config.requestheader_client_ca_file):
        if ca:
            try:
                found = believable(certificates_in(Path(ca).read_text()), clock_time())
                context.load_verify_locations(cadata=b"".join(found))
            except (OSError, ValueError) as error:
                raise ConfigError(f"unable to load client CA provider: {ca}: {_why(error)}") from error
            context.verify_mode = ssl.CERT_OPTIONAL
            context.verify_flags |= NO_CHECK_TIME


def _why(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) or not isinstance(error, OSError):
        return "data does not contain a valid certificate or key"
    return (error.strerror or str(error)).lower()


class Reloading:
    """Takes over renewed files, for connections that are made afterwards."""

    def __init__(self, serving: Serving, config: ServerConfig, clock: Clock) -> None:
        self._serving, self._config, self._clock = serving, config, clock
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
            self._serving.reload()
        except (OSError, ValueError) as error:  # half written, perhaps: look again
            log.error("renewed certificates cannot be used yet", error)
            return False
        self._seen = now
        log.info("loaded renewed certificates")
        return True

    def _stamps(self) -> tuple[int | None, ...]:
        config = self._config
        files = [
            config.tls_cert_file,
            config.tls_private_key_file,
            config.client_ca_file,
            config.requestheader_client_ca_file,
        ]
        for given in config.tls_sni_cert_key:
            files += sni_pair(given)[:2]
        return tuple(_stamp(file) for file in files if file)


def _stamp(file: str) -> int | None:
    try:
        return Path(file).stat().st_mtime_ns
    except OSError:
        return None
