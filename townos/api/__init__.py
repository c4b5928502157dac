"""HTTP and nothing else: routes, sign-in levels, audit, origins, list parameters, problems, event streams, OpenAPI.

How anything is done belongs to the other rooms. A module here that is named for an area holds that area's routes.
"""
