"""Rewriting what a proxied page points to, so that its links stay under the proxy's path. Pure.

`/style.css` of a Service becomes `/api/v1/namespaces/default/services/web/proxy/style.css`; links to other hosts and
relative links stay as they are. May import: the standard library.
"""

from __future__ import annotations

import html
import posixpath
import re
from urllib.parse import urlsplit, urlunsplit

_ATTRIBUTES = (
    "action|background|cite|classid|codebase|data|formaction|href|icon|longdesc|manifest|poster|profile|src|usemap"
)
_TAG = re.compile(r"""<[a-z](?:[^<>"']|"[^"]*"|'[^']*')*>""", re.IGNORECASE)
_LINK = re.compile(rf"""(\s(?:{_ATTRIBUTES})\s*=\s*)("[^"]*"|'[^']*')""", re.IGNORECASE)


def is_html(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "text/html"


class Rewriter:
    """`prefix` is the proxy's path, `host` the API server's, `target` the authority of the place behind."""

    def __init__(self, *, prefix: str, host: str, target: str) -> None:
        self._prefix, self._host, self._target = prefix.rstrip("/"), host, target

    def uri(self, path: str) -> str:
        """Where the client sees this path of the target."""
        return self._prefix + (path or "/")

    def url(self, text: str) -> str:
        """The URL as the client must be told it."""
        try:
            parts = urlsplit(text)
        except ValueError:
            return text
        if parts.netloc and parts.netloc not in (self._host, self._target):
            return text
        if not parts.path.startswith("/"):
            return text
        scheme, host = (parts.scheme, parts.netloc)
        if scheme or host:
            scheme, host = "https", self._host
        path = parts.path
        if not (path == self._prefix or path.startswith(self._prefix + "/")):
            path = self._prefix + posixpath.normpath(path).replace("//", "/")
            if parts.path.endswith("/") and not path.endswith("/"):
                path += "/"
        return urlunsplit((scheme, host, path, parts.query, parts.fragment))

    def html(self, page: bytes) -> bytes:
        """The page with the links of its tags rewritten; every other byte stays as it is."""
        text = page.decode("utf-8", "surrogateescape")
        text = _TAG.sub(lambda tag: _LINK.sub(self._replace, tag.group(0)), text)
        return text.encode("utf-8", "surrogateescape")

    def _replace(self, match: re.Match[str]) -> str:
        quote, value = match.group(2)[0], match.group(2)[1:-1]
        plain = html.unescape(value)
        rewritten = self.url(plain)
        if rewritten == plain:
            return match.group(0)
        return f"{match.group(1)}{quote}{html.escape(rewritten, quote=False).replace(quote, '&#34;')}{quote}"
