"""What filters inherit."""

from ....html5lib_shim import Filter  # noqa: F401
