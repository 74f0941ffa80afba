"""Runs Bleach's own tests against gambeson.bleach: bleach_suite.py CHECKOUT

CHECKOUT is a copy of Bleach's repository, which is not part of this one. Its tests are copied,
their imports are changed to gambeson.bleach and nothing else is, and pytest runs them. What fails
there and passes with Bleach itself is printed; the exit code is 1 if that is more than five per
cent, or anything that docs/from-bleach.md does not name.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))

#: They build html5lib's parser and serializer themselves, which are not here.
KNOWN = ("test_serializer", "test_bleach_html_parser")


def run(folder, path):
    """The names of the tests of a folder that passed, with path for imports."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "--tb=no", "tests"],
        cwd=folder, env=dict(os.environ, PYTHONPATH=path, PYTHONDONTWRITEBYTECODE="1"),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True,
    )
    passed = set(re.findall(r"^PASSED (.*)$", done.stdout, re.M))
    if not passed:
        sys.exit(done.stdout)
    return passed


def main():
    if len(sys.argv) != 2 or not os.path.isdir(os.path.join(sys.argv[1], "tests")):
        sys.exit(__doc__)
    checkout = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        tests = os.path.join(folder, "tests")
        shutil.copytree(os.path.join(checkout, "tests"), tests)
        for name in os.listdir(tests):
            if name.endswith(".py"):
                with open(os.path.join(tests, name), encoding="utf-8") as file:
                    text = file.read()
                text = re.sub(r"^import bleach$", "from gambeson import bleach", text, flags=re.M)
                text = re.sub(r"^from bleach\b", "from gambeson.bleach", text, flags=re.M)
                with open(os.path.join(tests, name), "w", encoding="utf-8") as file:
                    file.write(text)
        theirs = run(checkout, checkout)
        ours = run(folder, os.path.join(HERE, "..", "src"))
    missing = sorted(theirs - ours)
    for name in missing:
        print("fails:", name)
    share = 100 * (1 - len(missing) / len(theirs))
    print("%d of the %d that pass with Bleach, %.1f %%" % (len(theirs) - len(missing), len(theirs), share))
    unknown = [name for name in missing if not any("::" + known + "[" in name for known in KNOWN)]
    sys.exit(1 if unknown or share < 95 else 0)


if __name__ == "__main__":
    main()
