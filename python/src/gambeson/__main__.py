"""``python -m gambeson`` is the program."""

import os
import subprocess
import sys

from ._binary import find_binary


def main():
    binary = find_binary()
    if os.name == "nt":
        sys.exit(subprocess.call([binary] + sys.argv[1:]))
    os.execv(binary, [binary] + sys.argv[1:])


if __name__ == "__main__":
    main()
