import asyncio

import pytest

from kajitori.api.core.v1 import Endpoints
from kajitori.api.discovery.v1 import EndpointSlice
from kajitori.controllers.endpoints import EndpointsController
from kajitori.controllers.endpointslice import EndpointSliceController
from kajitori.controllers.endpointslice_plan import Changes
from kajitori.machinery.errors import Conflict, Forbidden, StatusError


class _Refusing:
    def __init__(self, error: StatusError) -> None:
        self.error = error

    async def update(self, obj: object) -> None:
        raise self.error


class _Heard:
    def __init__(self) -> None:
        self.reasons: list[str] = []

    def event(self, obj: object, kind: str, reason: str, text: str) -> None:
        self.reasons.append(reason)


def _with(cls, error):
    controller = cls.__new__(cls)
    controller.client, controller.recorder = _Refusing(error), _Heard()
    return controller


CASES = [
    (Conflict("the object has been modified"), Conflict, []),
    (Forbidden("no"), Forbidden, ["FailedToUpdate"]),
]


@pytest.mark.parametrize("error,raised,reasons", CASES)
def test_a_service_hears_of_refused_slices_and_not_of_old_views(service, error, raised, reasons) -> None:
    controller = _with(EndpointSliceController, error)
    with pytest.raises(raised):
        asyncio.run(controller._carry_out(service(), Changes(create=[], update=[EndpointSlice()], delete=[])))
    assert controller.recorder.reasons == [f"{reason}EndpointSlices" for reason in reasons]


@pytest.mark.parametrize("error,raised,reasons", CASES)
def test_endpoints_too(service, error, raised, reasons) -> None:
    controller = _with(EndpointsController, error)
    with pytest.raises(raised):
        asyncio.run(controller._write(service(), Endpoints(), {"metadata": {"name": "web", "namespace": "default"}}))
    assert controller.recorder.reasons == [f"{reason}Endpoint" for reason in reasons]
