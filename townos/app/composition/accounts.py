"""Accounts and their sessions."""

from dataclasses import dataclass
from typing import Self

from townos.accounts.accounts import Accounts
from townos.accounts.sessions import Sessions
from townos.accounts.signin import SignIn
from townos.accounts.throttle import LoginThrottle
from townos.accounts.tokens import TokenSigner
from townos.app.adapters import Adapters
from townos.app.composition.core import Core


@dataclass(frozen=True, slots=True)
class AccountServices:
    """Who may sign in, and who is signed in."""

    accounts: Accounts
    sessions: Sessions
    sign_in: SignIn

    @classmethod
    def build(cls, core: Core, adapters: Adapters) -> Self:
        """Build them."""
        accounts = Accounts(core.database, core.clock, adapters.hasher)
        sessions = Sessions(core.database, core.clock, TokenSigner.create(core.configuration.signing_key))
        return cls(accounts, sessions, SignIn(accounts, sessions, LoginThrottle(core.clock)))
