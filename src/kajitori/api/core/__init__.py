"""core/v1: Pods, Services, Nodes and the other kinds of the legacy group."""
