"""From a resource request to its handler: resources by URL, verbs, subresources.

May import: handlers.*, hooks, objects."""

from collections.abc import Mapping

from kajitori.aiokit.http.message import Answer, Request, Response
from kajitori.api.registration import Resource, Subresource
from kajitori.api.scheme import Scheme
from kajitori.apiserver.admission_types import AUDIT_ANNOTATIONS, AdmissionChain
from kajitori.apiserver.handlers.call import Call, dumps
from kajitori.apiserver.handlers.delete import Deleting
from kajitori.apiserver.handlers.read import Reading
from kajitori.apiserver.handlers.scale import Scaling
from kajitori.apiserver.handlers.watch import Watching
from kajitori.apiserver.handlers.write import Writing
from kajitori.apiserver.hooks import ComputedObjects, RegistryHooks, SubresourceHandler, SubresourceRequest
from kajitori.apiserver.objects.options import WriteOptions
from kajitori.apiserver.request import RequestInfo
from kajitori.apiserver.serving.negotiation import ACCEPTED, As
from kajitori.apiserver.user import UserInfo
from kajitori.machinery.errors import BadRequest, MethodNotSupported, NotAcceptable, NotFound, StatusError
from kajitori.machinery.gotext import quote

_PROXY, _SCALE = "proxy", "scale"
_NAMED = {"create": False, "update": True, "patch": True, "delete": True}
"""Whether a verb is for one object or for a collection."""
_STREAMS = frozenset({"attach", "exec", "log", "portforward", "proxy"})
"""Subresources whose query is the backend's, not ours."""


class PathNotFound(Exception):
    """The path names nothing that is served: answered as plain text, as upstream does."""


class Dispatch:
    """Answers resource requests. `hooks` and `streams` come from registry/ and proxying/."""

    def __init__(
        self,
        scheme: Scheme,
        reading: Reading,
        watching: Watching,
        writing: Writing,
        deleting: Deleting,
        scaling: Scaling,
    ) -> None:
        self._scheme = scheme
        self._reading = reading
        self._watching = watching
        self._writing = writing
        self._deleting = deleting
        self._scaling = scaling
        self._subresources: dict[tuple[str, str], SubresourceHandler] = {}
        self._interceptors: dict[str, SubresourceHandler] = {}
        self._computed: dict[str, ComputedObjects] = {}
        self.admission: AdmissionChain | None = None

    def plug(self, hooks: Mapping[str, RegistryHooks]) -> None:
        """Take what registry/ has to say about subresources and about kinds that are never stored."""
        for name, hook in hooks.items():
            for subresource, handler in hook.subresources().items():
                self._subresources[name, subresource] = handler
            interceptor = hook.intercept_create()
            if interceptor is not None:
                self._interceptors[name] = interceptor
            computed = hook.computed()
            if computed is not None:
                self._computed[name] = computed

    def plug_streams(self, streams: Mapping[str, Mapping[str, SubresourceHandler]]) -> None:
        """Take proxying/'s handlers."""
        for name, handlers in streams.items():
            for subresource, handler in handlers.items():
                self._subresources[name, subresource] = handler

    async def handle(self, http: Request, info: RequestInfo, user: UserInfo) -> Answer:
        """The answer to a resource request. Raises StatusError or PathNotFound."""
        resource = self._scheme.by_plural(info.group, info.version, info.resource)
        if resource is None or (info.prefix == "api") != (not info.group):
            raise self._nothing(info)
        subresource = self._found(http, info, resource) if info.subresource else None
        if subresource is None:
            self._check(http, info, resource)
        call = _call(http, info, resource, user)
        try:
            return await (self._verb(call) if subresource is None else self._subresource(call, subresource))
        except StatusError as error:  # a refusal takes the warnings along that were gathered before it
            error.warnings = tuple(call.warnings)
            raise

    def _found(self, http: Request, info: RequestInfo, resource: Resource) -> Subresource:
        """The subresource that is asked for."""
        subresource = resource.subresources.get(info.subresource)
        if subresource is None:
            if resource.custom:
                raise NotFound.of(resource.group, resource.plural, info.name)
            raise self._nothing(info)
        if http.method == "HEAD" and info.subresource != _PROXY and not resource.custom:
            raise _not_allowed(info, resource)
        return subresource

    def _check(self, http: Request, info: RequestInfo, resource: Resource) -> None:
        """Whether an object or a collection can be asked for in this way."""
        self._check_scope(resource, info)
        if "%" in info.name or info.name in (".", ".."):
            bad = "may not contain '%'" if "%" in info.name else f"may not be '{info.name}'"
            raise BadRequest(f"Name parameter invalid: {quote(info.name)}: {bad}")
        if http.method == "HEAD" and not resource.custom:  # upstream routes built-in kinds by method, others by verb
            raise _not_allowed(info, resource)
        if info.verb not in resource.verbs or bool(info.name) is not _NAMED.get(info.verb, bool(info.name)):
            raise _not_allowed(info, resource)

    def _nothing(self, info: RequestInfo) -> Exception:
        """What the path of no resource gets: a Status below a group that the server itself has, else bare text."""
        if info.prefix == "api":
            return NotFound.path()
        for version in self._scheme.versions(info.group) if info.group else ():
            if any(not resource.custom for resource in self._scheme.in_group_version(info.group, version)):
                return NotFound.path()
        return PathNotFound(info.path)

    def _check_scope(self, resource: Resource, info: RequestInfo) -> None:
        """URLs that address a namespaced resource without its namespace, or the other way round."""
        if not resource.namespaced:
            if info.namespace and (resource.plural != "namespaces" or info.name != info.namespace):
                raise self._nothing(info)
        elif not info.namespace:
            if len(info.parts) > 1 or (resource.custom and info.verb not in ("list", "watch")):
                raise self._nothing(info)
            if info.verb in ("create", "deletecollection") and resource.verbs != frozenset({"create"}):
                raise _not_allowed(info, resource)

    async def _verb(self, call: Call) -> Answer:
        computed = self._computed.get(call.resource.group_resource)
        if computed is not None:
            return await self._reading.compute(call, computed)
        match call.info.verb:
            case "get":
                return await self._reading.get(call)
            case "list":
                return await self._reading.list_(call)
            case "watch":
                return await self._watching.watch(call)
            case "create":
                return await self._create(call)
            case "update":
                written = await self._writing.update(call)
                return self._reading.show(call, written.data, 201 if written.created else 200)
            case "patch":
                written = await self._writing.patch(call)
                return self._reading.show(call, written.data, 201 if written.created else 200)
            case "delete":
                return await self._deleting.delete(call)
            case "deletecollection":
                return await self._deleting.delete_collection(call)
        raise _not_allowed(call.info, call.resource)

    async def _create(self, call: Call) -> Answer:
        interceptor = self._interceptors.get(call.resource.group_resource)
        if interceptor is not None:
            return await self._intercepted(call, interceptor)
        written = await self._writing.create(call)
        return self._reading.show(call, written.data, 201)

    async def _subresource(self, call: Call, subresource: Subresource) -> Answer:
        info, resource = call.info, call.resource
        in_namespace = bool(info.namespace) and resource.plural != "namespaces"  # which are in none, whatever the path
        asks_backend = info.subresource == _PROXY and call.http.method == "OPTIONS"  # a method that has no verb
        if (
            (info.verb not in subresource.verbs and not asks_backend)
            or not info.name
            or resource.namespaced != in_namespace
        ):
            raise _not_allowed(info, resource)
        handler = self._subresources.get((resource.group_resource, info.subresource))
        if handler is not None:
            return await self._intercepted(call, handler)
        if info.subresource == _SCALE:
            return await self._scaling.handle(call)
        match info.verb:
            case "get":
                return await self._reading.get(call)
            case "update":
                return self._reading.show(call, (await self._writing.update(call)).data)
            case "patch":
                return self._reading.show(call, (await self._writing.patch(call)).data)
        raise _not_allowed(info, resource)

    async def _intercepted(self, call: Call, handler: SubresourceHandler) -> Answer:
        writes = call.info.verb in ("create", "update", "patch") and call.info.subresource not in _STREAMS
        if writes and call.format.shape is not As.OBJECT:  # what is never stored has no columns and no metadata
            raise NotAcceptable.of(ACCEPTED)
        options = call.write_options() if writes else WriteOptions(call.user)
        request = SubresourceRequest(
            resource=call.resource,
            info=call.info,
            user=call.user,
            http=call.http,
            dry_run=options.dry_run,
            field_manager=options.field_manager,
            warnings=call.warnings,
            admission=self.admission,
        )
        answer = await handler(request)
        if not isinstance(answer, dict):
            return answer
        return call.respond(dumps(answer), 201 if call.info.verb == "create" else 200)


def _call(http: Request, info: RequestInfo, resource: Resource, user: UserInfo) -> Call:
    """The request; one whose answer nobody could write is refused before it does anything."""
    call = Call(http, info, resource, user)
    if info.subresource not in _STREAMS:
        call.check_format()
    if resource.deprecation:
        call.warnings.append(resource.deprecation)
        notes = AUDIT_ANNOTATIONS.get()
        if notes is not None:
            notes["k8s.io/deprecated"] = "true"
    return call


def _not_allowed(info: RequestInfo, resource: Resource) -> StatusError:
    if resource.custom:  # routed by verb, as everything of a definition
        if info.verb in ("update", "patch", "delete") and not info.name:
            return BadRequest("name must be provided")
        return MethodNotSupported.of(resource.group, resource.plural, info.verb)
    return MethodNotSupported("the server does not allow this method on the requested resource", details={})


def plain(status: int, text: str) -> Response:
    """A plain-text answer."""
    headers = [("X-Content-Type-Options", "nosniff")] if status >= 400 else []
    return Response(text.encode(), status=status, content_type="text/plain; charset=utf-8", headers=headers)
