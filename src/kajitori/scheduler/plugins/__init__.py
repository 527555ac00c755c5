"""One scheduling rule per module, named as upstream names it. May import: scheduler.framework and below, machinery."""
