"""Authentication: who sent this request? `build.build_authenticator` composes what stands beside it."""
