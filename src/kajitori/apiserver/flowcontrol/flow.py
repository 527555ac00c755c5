"""Which flow a request belongs to: flow schemas in the order of their precedence, and the hand of queues of each flow.

What is found is kept for whoever asks the same again (user, verb and what is asked for), up to `KEPT` answers.
May import: flowcontrol.{level,queueset}, request, user.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kajitori.apiserver.flowcontrol.level import Level
from kajitori.apiserver.flowcontrol.queueset import QUEUE
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.user import UserInfo

Object = dict[str, Any]
KEPT = 4096
_ACCOUNT = "system:serviceaccount:"
Asks = Callable[[UserInfo], bool]
Asked = Callable[[RequestInfo], bool]


class Flow:
    """Requests that stand behind one another: of one schema, and of one user or namespace where it tells them apart."""

    __slots__ = ("distinguisher", "hand", "headers", "level", "schema", "tally")

    def __init__(self, schema: Schema, level: Level, distinguisher: str) -> None:
        self.schema = schema.name
        self.level = level
        self.distinguisher = distinguisher
        self.tally = level.tally(schema.name)
        self.hand = deal(schema.name, distinguisher, level.queue_count, level.hand_size)
        self.headers = (
            ("X-Kubernetes-Pf-Flowschema-Uid", schema.uid),
            ("X-Kubernetes-Pf-Prioritylevel-Uid", level.uid),
        )


def deal(schema: str, distinguisher: str, queues: int, hand_size: int) -> tuple[int, ...]:
    """The queues that a flow may stand in: a hand of cards, dealt by a hash of its name, no two the same."""
    digest = hashlib.sha256(b"%b\0%b" % (schema.encode(), distinguisher.encode())).digest()
    entropy = int.from_bytes(digest[:8], "little")
    deck, hand = list(range(queues)), []
    for _ in range(min(hand_size, queues)):
        entropy, card = divmod(entropy, len(deck))
        hand.append(deck.pop(card))
    return tuple(hand)


class Schema:
    """A FlowSchema, ready to be asked."""

    def __init__(self, obj: Object) -> None:
        spec = obj.get("spec") or {}
        self.name: str = obj["metadata"]["name"]
        self.uid: str = obj["metadata"].get("uid") or ""
        self.precedence: int = spec.get("matchingPrecedence") or 0
        self.level: str = (spec.get("priorityLevelConfiguration") or {}).get("name") or ""
        self.method: str = (spec.get("distinguisherMethod") or {}).get("type") or ""
        self._rules = [_Rule(rule) for rule in spec.get("rules") or ()]

    def matches(self, info: RequestInfo, user: UserInfo) -> bool:
        """Whether one of its rules speaks of this request."""
        return any(rule.matches(info, user) for rule in self._rules)

    def distinguisher(self, info: RequestInfo, user: UserInfo) -> str:
        """What tells its flows apart."""
        if self.method == "ByUser":
            return user.name
        return info.namespace if self.method == "ByNamespace" else ""


class _Rule:
    """Any of its subjects, asking for any of its resources or paths."""

    def __init__(self, rule: Object) -> None:
        self._subjects = [_subject(subject) for subject in rule.get("subjects") or ()]
        self._resources = [_resource_rule(part) for part in rule.get("resourceRules") or ()]
        self._paths = [_path_rule(part) for part in rule.get("nonResourceRules") or ()]

    def matches(self, info: RequestInfo, user: UserInfo) -> bool:
        asked = self._resources if info.is_resource_request else self._paths
        return any(subject(user) for subject in self._subjects) and any(rule(info) for rule in asked)


def _subject(subject: Object) -> Asks:
    kind = subject.get("kind")
    if kind == "User":
        name = (subject.get("user") or {}).get("name")
        return lambda user: name in ("*", user.name)
    if kind == "Group":
        group = (subject.get("group") or {}).get("name")
        return lambda user: group == "*" or group in user.groups
    account = subject.get("serviceAccount") or {}
    of_namespace = f"{_ACCOUNT}{account.get('namespace')}:"
    if account.get("name") == "*":
        return lambda user: user.name.startswith(of_namespace)
    whole = f"{of_namespace}{account.get('name')}"
    return lambda user: user.name == whole


def _in(values: Iterable[str] | None) -> Callable[[str], bool]:
    """Membership of a list where `*` stands for everything."""
    known = frozenset(values or ())
    return (lambda value: True) if "*" in known else known.__contains__


def _resource_rule(rule: Object) -> Asked:
    verb, group, resource = _in(rule.get("verbs")), _in(rule.get("apiGroups")), _in(rule.get("resources"))
    namespace, cluster = _in(rule.get("namespaces")), bool(rule.get("clusterScope"))

    def asked(info: RequestInfo) -> bool:
        what = f"{info.resource}/{info.subresource}" if info.subresource else info.resource
        where = namespace(info.namespace) if info.namespace else cluster
        return where and verb(info.verb) and resource(what) and group(info.group)

    return asked


def _path_rule(rule: Object) -> Asked:
    verb, urls = _in(rule.get("verbs")), frozenset(rule.get("nonResourceURLs") or ())
    prefixes = tuple(f"{url.removesuffix('*').removesuffix('/')}/" for url in urls)

    def asked(info: RequestInfo) -> bool:
        return verb(info.verb) and ("*" in urls or info.path in urls or info.path.startswith(prefixes))

    return asked


class Classifier:
    """Schemas in order, over levels by name; the last schema takes whatever is left."""

    def __init__(self, schemas: Iterable[Schema], levels: Mapping[str, Level]) -> None:
        self.schemas = sorted(schemas, key=lambda schema: (schema.precedence, schema.name))
        self._levels = levels
        self._found: dict[tuple[Any, ...], Flow] = {}
        self._flows: dict[tuple[str, str], Flow] = {}

    def flow(self, info: RequestInfo, user: UserInfo) -> Flow:
        """Where a request stands."""
        asked = info.resource if info.is_resource_request else info.path
        key = (user.name, user.groups, info.verb, asked, info.namespace, info.group, info.subresource)
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= KEPT:
                self._found.clear()
            found = self._found[key] = self._classify(info, user)
        return found

    def _classify(self, info: RequestInfo, user: UserInfo) -> Flow:
        schema = next((one for one in self.schemas if one.matches(info, user)), self.schemas[-1])
        level = self._levels[schema.level]
        distinguisher = schema.distinguisher(info, user) if level.response is QUEUE and level.queue_count > 1 else ""
        flow = self._flows.get((schema.name, distinguisher))
        if flow is None:
            if len(self._flows) >= KEPT:
                self._flows.clear()
            flow = self._flows[schema.name, distinguisher] = Flow(schema, level, distinguisher)
        return flow
