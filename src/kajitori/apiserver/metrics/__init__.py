"""What an operator graphs: upstream's metric names, fed from where things happen, rendered when scraped.

`Metrics` is one server's registry and holds what others count with; `requests` is the hot path; `sources` are numbers
that are read off the server's parts when somebody asks.
"""

from kajitori.apiserver.metrics.instruments import Metrics

__all__ = ["Metrics"]
