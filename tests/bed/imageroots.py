"""The file trees of the images that every bed's registry has: nginx, busybox and caddy, from Debian's packages.

Each is laid out as its well-known namesake: the same paths, user, log files and command, and a shell.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from tests.bed import cache, child, images
from tests.bed.terminal import Say

NAMESPACE: Final = "library"
_PASSWD: Final = (
    "root:x:0:0:root:/root:/bin/sh\nnginx:x:101:101:nginx:/nonexistent:/bin/false\nnobody:x:65534:65534::/:/bin/false\n"
)
_GROUP: Final = "root:x:0:\nnginx:x:101:\nnogroup:x:65534:\n"
_NGINX: Final = """\
user nginx;
worker_processes auto;
error_log /var/log/nginx/error.log notice;
pid /run/nginx.pid;
events { worker_connections 1024; }
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log /var/log/nginx/access.log;
    include /etc/nginx/conf.d/*.conf;
}
"""
_NGINX_SITE: Final = """\
server {
    listen 80;
    server_name localhost;
    location / {
        root /usr/share/nginx/html;
        index index.html index.htm;
    }
}
"""
_CADDYFILE: Final = ":80 {\n    root * /usr/share/caddy\n    file_server\n}\n"


def ready(rootfs: Path, say: Say) -> Path:
    """Return a directory to lay over the root file system: the registry with its images. The caller holds the lock."""

    def build(target: Path, say: Say) -> None:
        say("making the container images that the test host's registry serves")
        _build(rootfs, target)

    recipe = [rootfs.name, _PASSWD, _GROUP, _NGINX, _NGINX_SITE, _CADDYFILE]
    return cache.cached("images", cache.key(recipe, [Path(__file__), Path(images.__file__)]), build, say)


def _build(rootfs: Path, target: Path) -> None:
    registry = target / images.REGISTRY
    roots = target / "roots"
    for name, make in {"nginx": _nginx, "busybox": _busybox, "caddy": _caddy}.items():
        root = roots / name
        busybox_root(rootfs, root)
        images.publish(registry, f"{NAMESPACE}/{name}", make(rootfs, root))
    shutil.rmtree(roots)


def busybox_root(rootfs: Path, root: Path) -> None:
    """Fill `root` with a whole busybox and what every container expects to find."""
    for name in (
        "bin",
        "dev",
        "etc",
        "home",
        "mnt",
        "proc",
        "root",
        "run",
        "sbin",
        "srv",
        "sys",
        "tmp",
        "usr/bin",
        "usr/sbin",
        "var/log",
    ):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "tmp").chmod(0o1777)
    (root / "etc/passwd").write_text(_PASSWD)
    (root / "etc/group").write_text(_GROUP)
    shutil.copy(rootfs / "bin/busybox", root / "bin/busybox")
    for applet in child.run([str(root / "bin/busybox"), "--list"]).split():
        link = root / "bin" / applet
        if not link.exists():
            link.symlink_to("busybox")


def with_libraries(rootfs: Path, root: Path, program: str) -> None:
    """Copy a program of the bed's Debian into `root` with every shared library that it loads."""
    listed = (
        child.run(["chroot", str(rootfs), "ldd", program], environment={"LC_ALL": "C"})
        if _is_dynamic(rootfs, program)
        else ""
    )
    libraries = [word for word in listed.split() if word.startswith("/")]
    for path in (program, *libraries):
        copy = root / path.lstrip("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(rootfs / path.lstrip("/"), copy)


def _is_dynamic(rootfs: Path, program: str) -> bool:
    return child.attempt(["chroot", str(rootfs), "ldd", program]).returncode == 0


def _busybox(_rootfs: Path, _root: Path) -> images.Image:
    return images.Image(_root, ("sh",))


def _nginx(rootfs: Path, root: Path) -> images.Image:
    with_libraries(rootfs, root, "/usr/sbin/nginx")
    # nginx looks its workers' user up through the name service switch.
    with_libraries(rootfs, root, "/lib/x86_64-linux-gnu/libnss_files.so.2")
    shutil.copytree(rootfs / "usr/share/nginx/html", root / "usr/share/nginx/html")
    for name in ("etc/nginx/conf.d", "var/log/nginx", "var/lib/nginx/body", "usr/share/nginx/html"):
        (root / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(rootfs / "etc/nginx/mime.types", root / "etc/nginx/mime.types")
    (root / "etc/nginx/nginx.conf").write_text(_NGINX)
    (root / "etc/nginx/conf.d/default.conf").write_text(_NGINX_SITE)
    (root / "var/log/nginx/access.log").symlink_to("/dev/stdout")
    (root / "var/log/nginx/error.log").symlink_to("/dev/stderr")
    return images.Image(root, ("nginx", "-g", "daemon off;"), ports=(80,))


def _caddy(rootfs: Path, root: Path) -> images.Image:
    with_libraries(rootfs, root, "/usr/bin/caddy")
    for name in ("etc/caddy", "usr/share/caddy", "config/caddy", "data/caddy"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "etc/caddy/Caddyfile").write_text(_CADDYFILE)
    (root / "usr/share/caddy/index.html").write_text("<h1>Caddy works!</h1>\n")
    return images.Image(
        root,
        ("caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"),
        ports=(80, 443, 2019),
        environment={"XDG_CONFIG_HOME": "/config", "XDG_DATA_HOME": "/data"},
    )
