"""People who are signed in to an appliance in memory."""

from townos.testing.appliance import TestAppliance


async def admin(appliance: TestAppliance) -> str:
    """Create an administrator, and return the token of a session."""
    await appliance.add("ada", admin=True)
    return await appliance.token("ada")
