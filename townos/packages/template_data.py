"""What the templates of a package see of it, of the answers and of the machine."""

from collections.abc import Mapping

from townos.packages.compile import HostNames
from townos.packages.package import Package
from townos.packages.templates import Data


def template_data(package: Package, values: Mapping[str, str], hostname: str, hosts: HostNames) -> Data:
    """Return the data; `values` are what the answers were converted to."""
    return Data(
        responses=values,
        package={
            "Name": package.id.name,
            "Version": package.id.version,
            "Repo": package.id.repository,
            "Image": package.image or "",
            "Description": package.description,
        },
        system={"Hostname": hostname, "ExternalIP": hosts.external, "InternalIP": hosts.internal},
    )
