"""Builds the wheels: the package and the program, one wheel a system, from one machine.

    python3 wheels.py DIRECTORY [system ...]

The program needs neither cgo nor Python, so Go builds it for every system from here, and the
same binary serves glibc and musl. The same sources give the same bytes: times are fixed, names
are in order, and Go is told to leave paths out. It is also the backend of ``pip install .``,
for the system that it runs on (PEP 517).
"""

import base64
import hashlib
import io
import os
import re
import subprocess
import sys
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)

# By name: what Go calls it, and the tags of the wheel.
SYSTEMS = {
    "linux-amd64": ("linux", "amd64", "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64"),
    "linux-arm64": ("linux", "arm64", "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64"),
    "macos-amd64": ("darwin", "amd64", "macosx_12_0_x86_64"),
    "macos-arm64": ("darwin", "arm64", "macosx_12_0_arm64"),
    "windows-amd64": ("windows", "amd64", "win_amd64"),
    "windows-arm64": ("windows", "arm64", "win_arm64"),
}

METADATA = """\
Metadata-Version: 2.1
Name: gambeson
Version: {version}
Summary: Makes HTML of strangers safe to show, as Bleach did; and the program that secures Python applications
License: {license}
Requires-Python: >=3.8
Description-Content-Type: text/markdown
Classifier: Programming Language :: Python :: 3
Classifier: Topic :: Security
Classifier: Topic :: Text Processing :: Markup :: HTML

{readme}"""


def version():
    with open(os.path.join(HERE, "src", "gambeson", "__init__.py"), encoding="utf-8") as file:
        return re.search(r'^__version__ = "([^"]+)"', file.read(), re.M).group(1)


def license_name():
    with open(os.path.join(ROOT, "LICENSE"), encoding="utf-8") as file:
        return "Apache-2.0" if "Apache License" in file.read(2000) else "see LICENSE"


def build_binary(goos, goarch):
    """The program for a system, as bytes. GAMBESON_BINARY names one that is there already, and
    counts for the system that this runs on."""
    out = os.path.join(HERE, "build", "%s-%s" % (goos, goarch))
    os.makedirs(os.path.dirname(out), exist_ok=True)
    subprocess.run(
        ["go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid=", "-o", out,
         "./cmd/gambeson"],
        cwd=ROOT, check=True,
        env=dict(os.environ, GOOS=goos, GOARCH=goarch, CGO_ENABLED="0", GOFLAGS=""),
    )
    with open(out, "rb") as file:
        return file.read()


def package_files():
    """The package's files: name in the wheel, and bytes."""
    src = os.path.join(HERE, "src")
    for folder, folders, files in os.walk(src):
        folders[:] = sorted(f for f in folders if f != "__pycache__")
        for name in sorted(files):
            if name.endswith(".py"):
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    yield os.path.relpath(path, src).replace(os.sep, "/"), file.read()


def write_wheel(directory, tags, binary, exe):
    ver = version()
    name = "gambeson-%s-py3-none-%s.whl" % (ver, tags)
    info = "gambeson-%s.dist-info/" % ver
    with open(os.path.join(HERE, "README.md"), encoding="utf-8") as file:
        readme = file.read()
    with open(os.path.join(ROOT, "LICENSE"), "rb") as file:
        licence = file.read()
    wheel = "Wheel-Version: 1.0\nGenerator: gambeson\nRoot-Is-Purelib: false\n" + "".join(
        "Tag: py3-none-%s\n" % tag for tag in tags.split(".")
    )
    files = [(n, data, 0o644) for n, data in package_files()]
    files.append(("gambeson-%s.data/scripts/%s" % (ver, exe), binary, 0o755))
    metadata = METADATA.format(version=ver, license=license_name(), readme=readme)
    files.append((info + "METADATA", metadata.encode("utf-8"), 0o644))
    files.append((info + "WHEEL", wheel.encode("utf-8"), 0o644))
    files.append((info + "licenses/LICENSE", licence, 0o644))
    files.sort()
    record = "".join(
        "%s,sha256=%s,%d\n" % (n, base64.urlsafe_b64encode(hashlib.sha256(d).digest()).rstrip(b"=").decode(), len(d))
        for n, d, _ in files
    ) + info + "RECORD,,\n"
    files.append((info + "RECORD", record.encode("utf-8"), 0o644))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for n, data, mode in files:
            item = zipfile.ZipInfo(n, (1980, 1, 1, 0, 0, 0))
            item.create_system = 3  # Unix, wherever this runs
            item.external_attr = (0o100000 | mode) << 16
            item.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(item, data, compresslevel=9)
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, name), "wb") as file:
        file.write(buffer.getvalue())
    return name


def build(directory, systems):
    for system in systems:
        goos, goarch, tags = SYSTEMS[system]
        exe = "gambeson.exe" if goos == "windows" else "gambeson"
        name = write_wheel(directory, tags, build_binary(goos, goarch), exe)
        with open(os.path.join(directory, name), "rb") as file:
            data = file.read()
        print("%s  %5.1f MB  sha256 %s" % (name, len(data) / 1e6, hashlib.sha256(data).hexdigest()))


def here():
    """The system that this runs on."""
    import platform

    arch = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
    name = {"linux": "linux", "darwin": "macos", "win32": "windows"}[sys.platform]
    return "%s-%s" % (name, arch[platform.machine().lower()])


# PEP 517.


def get_requires_for_build_wheel(config_settings=None):
    return []


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    goos, goarch, tags = SYSTEMS[here()]
    exe = "gambeson.exe" if goos == "windows" else "gambeson"
    return write_wheel(wheel_directory, tags, build_binary(goos, goarch), exe)


if __name__ == "__main__":
    if len(sys.argv) < 2 or not set(sys.argv[2:]) <= set(SYSTEMS):
        sys.exit("usage: wheels.py DIRECTORY [%s]" % "|".join(SYSTEMS))
    build(sys.argv[1], sys.argv[2:] or list(SYSTEMS))
