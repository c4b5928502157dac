"""A hasher that costs nothing, for tests that are not about passwords."""

import hashlib
import secrets


class QuickHasher:
    """Salted SHA-256 without a queue. `decoys` counts the checks that were made for unknown names."""

    def __init__(self) -> None:
        self.decoys = 0

    async def hash(self, password: str) -> str:
        salt = secrets.token_hex(8)
        return f"{salt}${_digest(salt, password)}"

    async def verify(self, password: str, stored: str) -> bool:
        salt, _, digest = stored.partition("$")
        return digest == _digest(salt, password)

    async def verify_decoy(self, password: str) -> None:
        self.decoys += 1


def _digest(salt: str, password: str) -> str:
    return hashlib.sha256(f"{salt}${password}".encode(errors="surrogatepass")).hexdigest()
