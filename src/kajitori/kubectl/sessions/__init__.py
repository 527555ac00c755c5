"""What exec, attach, logs, cp, port-forward and debug share: finding the pod and the container, terminals, streams."""
