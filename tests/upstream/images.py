"""The images that upstream's suite names (`e2e.test --list-images`), made of Debian's programs and upstream's own.

Not made: what needs a kernel module or a cloud (gluster, iscsi, rbd, cuda), Windows, and images behind a login; the tests
that want them are named in not_applicable.txt.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from tests.images import catalog, host
from tests.upstream.places import Places

from kajitori.cluster.imagebuild.layer import Layer
from kajitori.cluster.imagebuild.oci import Image
from kajitori.cluster.imagebuild.system import pause_image

E2E = "gcr.io/kubernetes-e2e-test-images"

NETWORK_TOOLS = ("bash", "curl", "dig", "iperf", "ip", "ss", "getent")

NGINX_CONF = b"""error_log /dev/stderr;
pid /run/nginx.pid;
events {}
http {
  access_log /dev/stdout;
  server { listen 80; root /usr/share/nginx/html; }
}
"""

HTTPD_CONF = b"""ServerRoot /usr/local/apache2
ServerName localhost
PidFile /run/httpd.pid
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
Listen 80
DocumentRoot /usr/local/apache2/htdocs
DirectoryIndex index.html
ErrorLog /dev/stderr
TransferLog /dev/stdout
"""


def system(programs: Iterable[str] = ()) -> Layer:
    """Programs of this machine on a merged /usr, and busybox for every name that is still free."""
    layer = catalog.base()
    layer.directory("run")
    names = tuple(programs)
    host.with_programs(layer, names)
    busybox = host.find("busybox")
    layer.file("usr/bin/busybox", busybox.read_bytes(), 0o755)
    for applet in catalog.applets(busybox):
        if applet not in (*names, "busybox"):
            # busybox's shell takes its own applets before the programs of the PATH
            layer.symlink(f"usr/bin/{applet}", "bash" if applet == "sh" and "bash" in names else "busybox")
    return layer


def agnhost_layers(places: Places) -> list[bytes]:
    tools = system(NETWORK_TOOLS)
    host.add_program(tools, host.find("nc.openbsd"), at="/usr/local/bin/nc", seen=set())
    own = Layer()
    own.file("agnhost", (places.bin / "agnhost").read_bytes(), 0o755)
    own.symlink("agnhost-2", "agnhost")
    own.directory("uploads")
    for name in ("localhost.crt", "localhost.key"):
        own.file(name, (places.tree / "test/images/agnhost/porter" / name).read_bytes())
    return [tools.finish(), own.finish()]


def agnhost(places: Places) -> Image:
    ports = ("80/tcp", "8080/tcp", "8081/tcp", "9376/tcp")
    layers = agnhost_layers(places)
    return Image.of(layers=layers, entrypoint=["/agnhost"], cmd=["pause"], exposed_ports=ports, compress=True)


def pet(places: Places, name: str) -> Image:
    """kitten and nautilus: agnhost's web server with a page of its own."""
    page = Layer()
    for path in sorted((places.tree / "test/images" / name / "html").iterdir()):
        page.file(path.name, path.read_bytes())
    layers = [*agnhost_layers(places), page.finish()]
    return Image.of(layers=layers, entrypoint=["/agnhost"], cmd=["test-webserver"], compress=True)


def tools(programs: Sequence[str] = (), *, user: str = "") -> Image:
    return Image.of(layers=[system(programs).finish()], cmd=["sh"], user=user, compress=True)


def with_file(
    source: Callable[[], Path], at: str, *, entrypoint: Sequence[str] = (), cmd: Sequence[str] = (), mode: int = 0o755
) -> Image:
    """busybox and one program."""
    layer = Layer()
    layer.file(at, source().read_bytes(), mode)
    return Image.of(layers=[system().finish(), layer.finish()], entrypoint=entrypoint, cmd=cmd, compress=True)


def nginx() -> Image:
    layer = system(("nginx", "curl"))
    layer.file("etc/nginx/nginx.conf", NGINX_CONF)
    layer.file("usr/share/nginx/html/index.html", b"<title>Welcome to nginx!</title>\n<h1>Welcome to nginx!</h1>\n")
    for name in ("body", "fastcgi", "proxy", "scgi", "uwsgi"):
        layer.directory(f"var/lib/nginx/{name}")
    layer.directory("var/log/nginx")
    cmd = ["nginx", "-g", "daemon off; user root;"]
    return Image.of(layers=[layer.finish()], cmd=cmd, exposed_ports=("80/tcp",), compress=True)


def httpd() -> Image:
    layer = system(("apache2", "printenv"))
    for module in ("mpm_event", "authz_core", "dir"):
        path = Path(f"/usr/lib/apache2/modules/mod_{module}.so")
        layer.file(str(path), path.read_bytes())
    layer.file("usr/local/apache2/conf/httpd.conf", HTTPD_CONF)
    layer.file("usr/local/apache2/htdocs/index.html", b"<html><body><h1>It works!</h1></body></html>\n")
    cmd = ["apache2", "-f", "/usr/local/apache2/conf/httpd.conf", "-DFOREGROUND"]
    return Image.of(layers=[layer.finish()], cmd=cmd, exposed_ports=("80/tcp",), compress=True)


def etcd() -> Image:
    layer = system(("etcd",))
    layer.symlink("usr/local/bin/etcd", "../../bin/etcd")
    return Image.of(layers=[layer.finish()], cmd=["etcd"], compress=True)


def consumer(places: Places) -> Image:
    layer = Layer()
    for name in ("consumer", "consume-cpu"):
        layer.file(f"{'consume-cpu/' if name == 'consume-cpu' else ''}{name}", (places.bin / name).read_bytes(), 0o755)
    return Image.of(layers=[system().finish(), layer.finish()], entrypoint=["/consumer"], compress=True)


def recipes(places: Places, folder: Path) -> catalog.Recipes:
    """Image name → what it is made of, and how; the tutorials' images too."""
    built = places.bin
    own = {
        "k8s.gcr.io/e2e-test-images/agnhost:2.21": ([built / "agnhost"], partial(agnhost, places)),
        f"{E2E}/sample-apiserver:1.17": (
            [built / "sample-apiserver"],
            partial(
                with_file, lambda: built / "sample-apiserver", "sample-apiserver", entrypoint=["/sample-apiserver"]
            ),
        ),
        f"{E2E}/kitten:1.0": ([built / "agnhost"], partial(pet, places, "kitten")),
        f"{E2E}/nautilus:1.0": ([built / "agnhost"], partial(pet, places, "nautilus")),
        f"{E2E}/nonroot:1.0": ([], partial(tools, user="1234")),
        f"{E2E}/ipc-utils:1.0": ([], partial(tools, ("ipcs", "ipcmk", "ipcrm"))),
        f"{E2E}/jessie-dnsutils:1.0": ([], partial(tools, ("bash", "dig", "getent", "hostname"))),
        f"{E2E}/nonewprivs:1.0": (
            [built / "nnp"],
            partial(with_file, lambda: built / "nnp", "usr/local/bin/nnp", cmd=["nnp"], mode=0o6755),
        ),
        f"{E2E}/regression-issue-74839-amd64:1.0": (
            [built / "regression-issue-74839"],
            partial(
                with_file,
                lambda: built / "regression-issue-74839",
                "regression-issue-74839",
                entrypoint=["/regression-issue-74839"],
            ),
        ),
        f"{E2E}/resource-consumer:1.5": ([built / "consumer", built / "consume-cpu"], partial(consumer, places)),
        "docker.io/library/busybox:1.29": ([], tools),
        "docker.io/library/nginx:1.14-alpine": ([host.find("nginx")], nginx),
        "docker.io/library/nginx:1.15-alpine": ([host.find("nginx")], nginx),
        "docker.io/library/httpd:2.4.38-alpine": ([host.find("apache2")], httpd),
        "docker.io/library/httpd:2.4.39-alpine": ([host.find("apache2")], httpd),
        "docker.io/library/perl:5.26": ([], partial(tools, ("perl",))),
        "k8s.gcr.io/etcd:3.4.13-0": ([host.find("etcd")], etcd),
        "k8s.gcr.io/pause:3.2": ([], pause_image),
    }
    here = [Path(__file__), host.find("busybox")]
    made: catalog.Recipes = {name: ([*sources, *here], make) for name, (sources, make) in own.items()}
    return {**catalog.recipes(folder), **made}
