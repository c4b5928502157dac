"""The status report: what the appliance has, and how it is."""
