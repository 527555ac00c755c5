"""The `kind` command line: kind v0.30's words over the cluster library. May import: cluster, client, machinery."""

KIND_VERSION = "v0.30.0"
