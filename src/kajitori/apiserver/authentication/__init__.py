"""Authentication: who sent this request? `build.py` composes what stands beside it."""

from kajitori.apiserver.authentication.build import RequestAuthenticator, authenticated, build_authenticator
from kajitori.apiserver.authentication.discovery import raw_handlers
from kajitori.apiserver.authentication.impersonation import impersonate

__all__ = ["RequestAuthenticator", "authenticated", "build_authenticator", "impersonate", "raw_handlers"]
