"""Who may come in."""

from dataclasses import dataclass
from typing import Self

from townos.accounts.accounts import Accounts
from townos.accounts.passwords import PasswordHasher
from townos.accounts.sessions import Sessions
from townos.accounts.signin import SignIn
from townos.accounts.throttle import LoginThrottle
from townos.accounts.tokens import TokenSigner
from townos.app.composition.core import Ground


@dataclass(frozen=True, slots=True)
class People:
    """Accounts and their sessions."""

    accounts: Accounts
    sessions: Sessions
    sign_in: SignIn

    @classmethod
    def on(cls, ground: Ground) -> Self:
        """Build them."""
        accounts = Accounts(ground.database, ground.clock, PasswordHasher())
        signer = TokenSigner.create(ground.configuration.signing_key)
        sessions = Sessions(ground.database, ground.clock, signer)
        return cls(accounts, sessions, SignIn(accounts, sessions, LoginThrottle(ground.clock)))
