"""How long expressions take to compile and to evaluate, in this process: what /metrics of an API server tells.

May import: aiokit.
"""

from kajitori.aiokit.metrics import DEFAULT_BUCKETS, Histogram

COMPILATION = Histogram(
    "apiserver_cel_compilation_duration_seconds",
    "How long compiling a CEL expression took, in seconds.",
    (),
    DEFAULT_BUCKETS,
    "BETA",
)
EVALUATION = Histogram(
    "apiserver_cel_evaluation_duration_seconds",
    "How long evaluating a CEL expression took, in seconds.",
    (),
    DEFAULT_BUCKETS,
    "BETA",
)
