"""Puts priority and fairness together. May import: flowcontrol.*, cache, config, deps, aiokit.metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kajitori.aiokit.metrics import Labels, Registry
from kajitori.apiserver.cache.cacher import Cacher
from kajitori.apiserver.config import ConfigError, ServerConfig
from kajitori.apiserver.deps import RawHandler, ServerDeps
from kajitori.apiserver.flowcontrol.control import FlowControl
from kajitori.apiserver.flowcontrol.controller import FlowController
from kajitori.apiserver.flowcontrol.debug import ROOT, Dumps
from kajitori.apiserver.flowcontrol.estimate import Estimator
from kajitori.apiserver.flowcontrol.exposition import expose, in_flight
from kajitori.apiserver.flowcontrol.instruments import Instruments
from kajitori.apiserver.flowcontrol.maxinflight import MaxInFlight

_NAME = "poststarthook/priority-and-fairness-"
START_HOOKS = (f"{_NAME}config-consumer", f"{_NAME}config-producer", f"{_NAME}filter")


@dataclass(frozen=True, slots=True)
class Built:
    """`control` limits requests, `controller` is to be run, `paths` are served and not listed."""

    control: FlowControl
    controller: FlowController
    paths: Mapping[str, RawHandler]
    in_flight: Callable[[], dict[Labels, float]]


def limits(config: ServerConfig) -> MaxInFlight:
    """Without priority and fairness. Raises ConfigError."""
    _check(config)
    return MaxInFlight(config.max_requests_inflight, config.max_mutating_requests_inflight)


def _check(config: ServerConfig) -> None:
    for name in ("max_requests_inflight", "max_mutating_requests_inflight"):
        if getattr(config, name) < 0:
            raise ConfigError(f"--{name.replace('_', '-')} can not be negative value")


def build(deps: ServerDeps, cacher: Cacher, registry: Registry) -> Built:
    """What is stored counts from the first request on. Raises ConfigError."""
    config = deps.config
    _check(config)
    seats = config.max_requests_inflight + config.max_mutating_requests_inflight
    if seats <= 0:
        given = (
            f"MaxRequestsInFlight={config.max_requests_inflight} and "
            f"MaxMutatingRequestsInFlight={config.max_mutating_requests_inflight}"
        )
        raise ConfigError(f"invalid configuration: {given}; they must add up to something positive")
    control = FlowControl(seats, Estimator(deps.scheme, cacher), Instruments(registry))
    expose(registry, control)
    controller = FlowController(deps, cacher, control)
    controller.start()
    dumps = Dumps(control, deps.clock.now)
    paths: dict[str, RawHandler] = {
        f"{ROOT}dump_priority_levels": dumps.levels,
        f"{ROOT}dump_queues": dumps.queues,
        f"{ROOT}dump_requests": dumps.requests,
    }
    return Built(control, controller, paths, lambda: in_flight(control))
