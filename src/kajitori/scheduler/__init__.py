"""The scheduler: gives every Pod a node (kube-scheduler's part).

    informers → queue → schedule one: filter, score, assume → bind (in the background) → informers …
                  ↑ backoff, requeue by cluster events ┘

``framework`` says what a plugin is, ``plugins`` has one module per rule, ``profile`` runs the plugins of one
scheduler name, ``cache`` knows nodes and what runs (or will run) on them, ``queue`` orders the waiting Pods,
``scheduling`` makes one decision (pure), ``cycle`` acts on it. May import: client, api, machinery, aiokit.
"""
