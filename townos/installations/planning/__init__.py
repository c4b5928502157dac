"""From a request to a plan: all that is decided, and refused, before anything changes. A plan is plain data."""
