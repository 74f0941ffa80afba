#!/usr/bin/env bash
# Installs a wheel as a user would, without network, and uses it: install.sh WHEELS [PYTHON]
set -euo pipefail
wheels=$1
python=${2:-python3}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$python" -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-index --find-links "$wheels" gambeson
cd "$dir"
unset GAMBESON_BINARY PYTHONPATH
"$dir/venv/bin/gambeson" version
"$dir/venv/bin/python" -m gambeson version
"$dir/venv/bin/python" - <<'PY'
from gambeson import bleach, find_binary, sanitize
import os, sys
assert os.path.dirname(find_binary()) == os.path.dirname(sys.executable), find_binary()
assert bleach.clean("<b onclick=x>y<script>") == "<b>y&lt;script&gt;</b>"
assert sanitize.clean("<b onclick=x>y<script>") == "<b>y</b>"
print("installed and used:", sys.version.split()[0])
PY
