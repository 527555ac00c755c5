"""The static token file (`--token-auth-file`): lines of `token,user,uid,"group1,group2"`, read once at start.

Problems in the file raise `TokenFileError`, which never quotes a token. May import: authentication.tokens.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from kajitori.apiserver.authentication.tokens import TokenIdentity
from kajitori.apiserver.config import ConfigError
from kajitori.apiserver.user import UserInfo


class TokenFileError(ConfigError):
    """The token file cannot be used; the text says in which line."""


def parse_token_file(text: str) -> dict[str, UserInfo]:
    """Tokens and their users. The last of two equal tokens wins, as upstream."""
    users: dict[str, UserInfo] = {}
    for number, row in enumerate(csv.reader(io.StringIO(text), skipinitialspace=True), start=1):
        if not row or row[0].lstrip().startswith("#"):
            continue
        if len(row) < 3:
            raise TokenFileError(f"line {number}: expected at least 3 columns (token, user name, user uid)")
        token, name, uid = row[0], row[1], row[2]
        if not token:
            raise TokenFileError(f"line {number}: empty token")
        groups = tuple(g.strip() for g in row[3].split(",") if g.strip()) if len(row) > 3 else ()
        users[token] = UserInfo(name=name, uid=uid, groups=groups)
    return users


class StaticTokens:
    """Tokens known from a file. They have no audience, so they are good for the API server's own only."""

    def __init__(self, users: Mapping[str, UserInfo], *, api_audiences: Sequence[str] = ()) -> None:
        self._known = {token: TokenIdentity(user) for token, user in users.items()}
        self._api_audiences = tuple(api_audiences)

    @classmethod
    def from_file(cls, path: str | Path, *, api_audiences: Sequence[str] = ()) -> StaticTokens:
        """Raises TokenFileError for what it cannot read, OSError if there is no file."""
        return cls(parse_token_file(Path(path).read_text()), api_audiences=api_audiences)

    async def authenticate_token(self, token: str, audiences: Sequence[str]) -> TokenIdentity | None:
        known = self._known.get(token)
        if known is None or not audiences:
            return known
        good_for = tuple(a for a in audiences if a in self._api_audiences)
        return TokenIdentity(known.user, good_for) if good_for else None
