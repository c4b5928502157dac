"""Package repositories: their list on disk, their checkouts, and the catalogue of what they offer.

`service.Repositories` is what others use to change and refresh them, `catalogue.Catalogue` what they read packages
from. The directory below (docs/api.md, Repositories) holds `repositories.json` and one checkout for each repository.
"""

from townos.repositories.catalogue import Catalogue
from townos.repositories.service import Repositories

__all__ = ["Catalogue", "Repositories"]
