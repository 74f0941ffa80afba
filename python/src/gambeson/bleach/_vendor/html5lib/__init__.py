"""Names only: there is no html5lib here."""
