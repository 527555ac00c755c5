"""apps/v1: Deployments, ReplicaSets, DaemonSets, StatefulSets and their revisions."""
