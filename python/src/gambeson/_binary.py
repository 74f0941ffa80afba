"""Where the program is."""

import os
import shutil
import sys
import sysconfig

NAME = "gambeson.exe" if os.name == "nt" else "gambeson"


def _places():
    yield sysconfig.get_path("scripts")
    yield os.path.dirname(sys.executable)
    if hasattr(sysconfig, "get_preferred_scheme"):  # Python 3.10
        user = sysconfig.get_preferred_scheme("user")
    else:
        user = "nt_user" if os.name == "nt" else "posix_user"
    if user in sysconfig.get_scheme_names():
        yield sysconfig.get_path("scripts", scheme=user)
    # pip install --target puts bin beside the package, other prefixes further up.
    above = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    yield os.path.join(above, "bin")
    yield os.path.join(above, "..", "..", "..", "bin")


def find_binary():
    """The path of the program: $GAMBESON_BINARY, the one that came with this package, or the
    one in $PATH. FileNotFoundError if there is none."""
    named = os.environ.get("GAMBESON_BINARY")
    if named:
        if os.path.isfile(named):
            return named
        raise FileNotFoundError("GAMBESON_BINARY names %r, and there is no such file" % named)
    for place in _places():
        path = place and os.path.join(place, NAME)
        if path and os.path.isfile(path) and not _is_script(path):
            return path
    path = shutil.which("gambeson")
    if path and not _is_script(path):
        return path
    raise FileNotFoundError(
        "the program gambeson is not there: it comes with the wheel, or GAMBESON_BINARY names it"
    )


def _is_script(path):
    """A Python script of this name would start itself."""
    with open(path, "rb") as file:
        return file.read(2) == b"#!"
