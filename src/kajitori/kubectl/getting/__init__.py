"""What ``kubectl get`` does once the question is clear: show.py prints once, watching.py goes on printing."""
