"""The asyncio toolbox: clock, backoff, work queue, services, logs, program entry. Knows asyncio, not Kubernetes.

May import: the standard library only.
"""
