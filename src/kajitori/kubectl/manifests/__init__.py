"""Manifests: YAML and JSON documents from files, folders, URLs and stdin (`-f`), and kustomizations (`-k`)."""
