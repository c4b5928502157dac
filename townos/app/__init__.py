"""The running appliance: configuration, composition root, boot, supervision and logs."""
