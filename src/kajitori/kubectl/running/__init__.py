"""What ``kubectl run`` may be asked for, and what it does once the pod is made and somebody wants to attach to it."""
