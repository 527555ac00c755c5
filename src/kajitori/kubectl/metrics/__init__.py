"""What the metrics API tells of nodes and pods, as tables. Used by ``kubectl top``."""
