"""A package that keeps data in a volume and runs until it is told to end."""

from typing import Final

STAY: Final = "trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done"
"""A shell script that ends at once when it is told to."""
MANIFEST: Final = f"""
image: busybox
command: [sh, -c, "{STAY}"]
volumes: {{data: {{mountpoint: /data, quota: 50mb}}}}
"""
