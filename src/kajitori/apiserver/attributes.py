"""What is asked: the attributes that authorization decides on, and its verdict. May import: user."""

import enum
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from kajitori.apiserver.user import UserInfo


class Attributes(NamedTuple):
    """One question to an authorizer, in upstream's words (`resource` is the plural, `group` "" for core)."""

    user: UserInfo
    verb: str
    path: str = ""
    is_resource_request: bool = False
    group: str = ""
    version: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    field_selector: str = ""
    label_selector: str = ""
    """Of list, watch and deletecollection, as the client gave them (AuthorizeWithSelectors)."""


class Verdict(enum.Enum):
    """ALLOW and DENY end the question; NO_OPINION passes it to the next authorizer (and is a refusal at the end)."""

    ALLOW = "allow"
    DENY = "deny"
    NO_OPINION = "no opinion"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict and, where there is one, its reason (shown to the user after a refusal)."""

    verdict: Verdict
    reason: str = ""

    @property
    def allowed(self) -> bool:
        """Whether the verdict is ALLOW."""
        return self.verdict is Verdict.ALLOW


class Authorizer(Protocol):
    """Decides whether a user may do something."""

    async def authorize(self, attributes: Attributes) -> Decision:
        """The decision; never raises for an ordinary refusal."""
