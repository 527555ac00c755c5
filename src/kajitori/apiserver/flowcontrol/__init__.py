"""Priority and fairness (KEP-1040): who waits for whom when there is more to do than the server can do at a time.

`FlowControl` gives each request its turn, `FlowController` keeps the configuration, `MaxInFlight` is what is left when
priority and fairness is switched off.
"""

from kajitori.apiserver.flowcontrol.control import FlowControl
from kajitori.apiserver.flowcontrol.controller import FlowController
from kajitori.apiserver.flowcontrol.maxinflight import MaxInFlight
from kajitori.apiserver.flowcontrol.turn import Rejected

__all__ = ["FlowControl", "FlowController", "MaxInFlight", "Rejected"]
