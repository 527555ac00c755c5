"""Reading a Corefile: server blocks with the directives that clusters use, everything else refused by name.

    .:53 { kubernetes cluster.local in-addr.arpa ip6.arpa { pods insecure } forward . /etc/resolv.conf cache 30 }

Directives without a meaning here (loop, reload, …) are accepted and skipped knowingly. Pure but for ``{$NAME}``.
May import: dns.zone (options), the standard library.
"""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, cast

from kajitori.dns.zone import PodMode, ZoneOptions

KNOWN_AND_SKIPPED = frozenset(
    {"errors", "loop", "reload", "bufsize", "minimal", "nsid", "debug", "bind", "autopath", "metadata", "whoami"}
)


class CorefileError(ValueError):
    """The Corefile cannot be understood; the message says where."""


class Token(NamedTuple):
    """A word of the file and its line, for error messages."""

    text: str
    line: int


@dataclass
class Directive:
    """One line and the block below it."""

    name: str
    args: list[str]
    line: int
    body: list["Directive"] = field(default_factory=list)


@dataclass(frozen=True)
class ForwardOptions:
    """``forward FROM TO...``: names under `zone` go to `upstreams` (addresses, or a resolv.conf)."""

    zone: str = ""
    upstreams: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    max_concurrent: int = 1000
    is_tcp: bool = False
    policy: str = "random"


@dataclass(frozen=True)
class CacheOptions:
    """``cache [TTL]``: upper bounds in seconds."""

    success_ttl: int = 3600
    denial_ttl: int = 1800
    capacity: int = 9984


@dataclass(frozen=True, kw_only=True)
class ServerBlock:
    """What answers for some zones on one port."""

    zones: tuple[str, ...] = ("",)
    port: int = 53
    kubernetes: ZoneOptions | None = None
    kubeconfig: str = ""
    forwards: tuple[ForwardOptions, ...] = ()
    cache: CacheOptions | None = None
    hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hosts_fall_through: bool = True
    hosts_ttl: int = 3600
    is_logging: bool = False
    is_shuffling: bool = False
    health_port: int = 0
    ready_port: int = 0
    metrics_port: int = 0
    lameduck_s: float = 0.0


def parse(text: str, *, default_port: int = 53, environ: Mapping[str, str] = os.environ) -> list[ServerBlock]:
    """All server blocks."""
    tokens = _tokenize(text, environ)
    blocks: list[ServerBlock] = []
    position = 0
    while position < len(tokens):
        keys: list[str] = []
        while position < len(tokens) and tokens[position].text != "{":
            keys.append(tokens[position].text.rstrip(","))
            position += 1
        if position == len(tokens):
            raise CorefileError(f"Corefile:{tokens[-1].line} - server block without {{")
        directives, position = _body(tokens, position + 1)
        blocks.append(_block([k for k in keys if k], directives, default_port))
    if not blocks:
        raise CorefileError("Corefile - no server block")
    return blocks


def _tokenize(text: str, environ: Mapping[str, str]) -> list[Token]:
    text = re.sub(r"\{\$(\w+)\}|\{%(\w+)%\}", lambda m: environ.get(m[1] or m[2], ""), text)
    tokens = []
    for number, line in enumerate(text.splitlines(), 1):
        for word in re.findall(r'"(?:[^"\\]|\\.)*"|#.*|[^\s"]+', line):
            if word.startswith("#"):
                break
            tokens.append(Token(word.strip('"') if word.startswith('"') else word, number))
    return tokens


def _body(tokens: Sequence[Token], position: int) -> tuple[list[Directive], int]:
    """Directives up to the closing brace; a directive ends with its line."""
    directives: list[Directive] = []
    while position < len(tokens):
        token = tokens[position]
        if token.text == "}":
            return directives, position + 1
        directive = Directive(token.text, [], token.line)
        position += 1
        while position < len(tokens) and tokens[position].line == token.line and tokens[position].text != "}":
            if tokens[position].text == "{":
                directive.body, position = _body(tokens, position + 1)
                break
            directive.args.append(tokens[position].text)
            position += 1
        directives.append(directive)
    raise CorefileError("Corefile - Unexpected EOF, a } is missing")


def _block(keys: Sequence[str], directives: Sequence[Directive], default_port: int) -> ServerBlock:
    zones, port = [], default_port
    for key in keys:
        name = key.removeprefix("dns://")
        if name.startswith(("tls://", "https://", "grpc://")):
            raise CorefileError(f"Corefile - {key}: only plain DNS is served")
        zone, colon, number = name.rpartition(":")
        if colon and number.isdigit():
            port = int(number)
        else:
            zone = name
        zones.append(normalize(zone))
    block = ServerBlock(zones=tuple(zones) or ("",), port=port)
    for directive in directives:
        reader = _READERS.get(directive.name)
        if reader is not None:
            try:
                block = reader(block, directive)
            except (ValueError, IndexError) as error:
                raise CorefileError(f"Corefile:{directive.line} - {directive.name}: {error}") from error
        elif directive.name not in KNOWN_AND_SKIPPED:
            raise CorefileError(
                f"Corefile:{directive.line} - Error during parsing: Unknown directive '{directive.name}'"
            )
    return block


def normalize(name: str) -> str:
    """Lower case, no final dot: the root is empty. ``10.0.0.0/8`` becomes its reverse zone."""
    if "/" in name:
        address, _, bits = name.partition("/")
        if int(bits) % 8 == 0 and address.count(".") == 3:
            return ".".join([*reversed(address.split(".")[: int(bits) // 8]), "in-addr.arpa"])
    return name.lower().rstrip(".")


def _kubernetes(block: ServerBlock, directive: Directive) -> ServerBlock:
    options = ZoneOptions(zones=tuple(normalize(z) for z in directive.args) or block.zones)
    kubeconfig = block.kubeconfig
    for item in directive.body:
        if item.name == "pods":
            mode = item.args[0] if item.args else ""
            if mode not in ("disabled", "insecure", "verified"):
                raise ValueError(f"wrong value for pods: {mode}, must be one of: disabled, verified, insecure")
            options = replace(options, pods=cast(PodMode, mode))
        elif item.name == "ttl":
            ttl = int(item.args[0])
            if not 0 <= ttl <= 3600:
                raise ValueError(f"ttl must be in range [0, 3600]: {ttl}")
            options = replace(options, ttl=ttl)
        elif item.name == "fallthrough":
            options = replace(options, fall_through=tuple(normalize(z) for z in item.args) or ("",))
        elif item.name == "kubeconfig":
            kubeconfig = item.args[0]
        elif item.name not in ("endpoint_pod_names", "upstream", "resyncperiod", "noendpoints", "transfer"):
            raise ValueError(f"unknown property '{item.name}'")
    return replace(block, kubernetes=options, kubeconfig=kubeconfig)


def _forward(block: ServerBlock, directive: Directive) -> ServerBlock:
    if len(directive.args) < 2:
        raise ValueError("needs a zone and at least one server")
    options = ForwardOptions(normalize(directive.args[0]), tuple(directive.args[1:]))
    for item in directive.body:
        if item.name == "max_concurrent":
            options = replace(options, max_concurrent=int(item.args[0]))
        elif item.name == "except":
            options = replace(options, exclude=tuple(normalize(z) for z in item.args))
        elif item.name == "force_tcp":
            options = replace(options, is_tcp=True)
        elif item.name == "policy":
            options = replace(options, policy=item.args[0])
        elif item.name not in ("prefer_udp", "expire", "max_fails", "health_check", "failfast_all_unhealthy_upstreams"):
            raise ValueError(f"unknown property '{item.name}'")
    return replace(block, forwards=(*block.forwards, options))


def _cache(block: ServerBlock, directive: Directive) -> ServerBlock:
    options = CacheOptions()
    if directive.args and directive.args[0].isdigit():
        ttl = int(directive.args[0])
        options = CacheOptions(ttl, ttl)
    for item in directive.body:
        # `disable`, `serve_stale` and others tune what we do not do: cluster answers are never cached.
        if item.name in ("success", "denial") and item.args:
            options = replace(options, capacity=int(item.args[0]))
            if len(item.args) > 1:
                ttl = int(item.args[1])
                options = (
                    replace(options, success_ttl=ttl) if item.name == "success" else replace(options, denial_ttl=ttl)
                )
    return replace(block, cache=options)


def _hosts(block: ServerBlock, directive: Directive) -> ServerBlock:
    table: dict[str, list[str]] = {}
    falls_through, ttl = False, 3600
    for item in directive.body:
        if item.name == "fallthrough":
            falls_through = True
        elif item.name == "ttl":
            ttl = int(item.args[0])
        elif item.name not in ("no_reverse", "reload"):
            for name in item.args:
                table.setdefault(normalize(name), []).append(item.name)
    hosts = {name: tuple(ips) for name, ips in table.items()}
    return replace(block, hosts=hosts, hosts_fall_through=falls_through, hosts_ttl=ttl)


def _health(block: ServerBlock, directive: Directive) -> ServerBlock:
    lameduck = 0.0
    for item in directive.body:
        if item.name == "lameduck":
            lameduck = float(item.args[0].removesuffix("s"))
    return replace(block, health_port=_port_of(directive, 8080), lameduck_s=lameduck)


def _port_of(directive: Directive, default: int) -> int:
    return int(directive.args[0].rpartition(":")[2]) if directive.args else default


_READERS: dict[str, Callable[[ServerBlock, Directive], ServerBlock]] = {
    "kubernetes": _kubernetes,
    "forward": _forward,
    "cache": _cache,
    "hosts": _hosts,
    "health": _health,
    "ready": lambda block, d: replace(block, ready_port=_port_of(d, 8181)),
    "prometheus": lambda block, d: replace(block, metrics_port=_port_of(d, 9153)),
    "log": lambda block, d: replace(block, is_logging=True),
    "loadbalance": lambda block, d: replace(block, is_shuffling=True),
    "ttl": lambda block, d: block,
}
