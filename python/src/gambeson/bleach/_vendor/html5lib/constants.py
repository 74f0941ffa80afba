"""Names that tests and filters ask for."""

from ...html5lib_shim import namespaces, prefixes, rcdataElements  # noqa: F401
