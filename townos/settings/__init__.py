"""Settings with their rules, and the locales and time zones to choose from."""
