"""Authorization: may this user do this? `build.py` composes what stands beside it."""

from kajitori.apiserver.authorization.build import build_authorizer
from kajitori.apiserver.authorization.forbidden import forbidden

__all__ = ["build_authorizer", "forbidden"]
