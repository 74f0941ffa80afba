"""Says which records of an archive speak of a package's version, by `packaging` and OSV's evaluation."""
import functools, json, re, sys, zipfile
from packaging.version import InvalidVersion, Version

@functools.lru_cache(None)
def read(text):
    try:
        return Version(text)
    except InvalidVersion:
        return None

def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()

def compare(v, bound):  # a local version counts only where the record names one
    v = v if bound.local else read(v.public)
    return (v > bound) - (v < bound)

def place(mark):  # what is no version comes before all; of one version, fixed before introduced
    if mark == ("introduced", "0") or read(mark[1]) is None:
        return 0, mark[0] != "introduced"
    return 1, read(mark[1]), ["fixed", "introduced", "last_affected"].index(mark[0])

def in_range(v, events):
    marks = sorted((next(iter(e.items())) for e in events), key=place)
    if v is None:
        return marks == [("introduced", "0")]
    affected = False
    for kind, text in marks:
        order = compare(v, read(text)) if place((kind, text))[0] else 1
        if order > 0 or order == 0 and kind != "last_affected":
            affected = kind == "introduced"
    return affected

def speaks(affected, text):
    v, listed = read(text), affected.get("versions") or []
    if text in listed or v and any(w and compare(v, w) == 0 for w in map(read, listed)):
        return True
    return any(in_range(v, r["events"]) for r in affected.get("ranges") or [] if r["type"] == "ECOSYSTEM")

question = json.load(sys.stdin)
packages = {}
with zipfile.ZipFile(question["zip"]) as archive:
    for name in archive.namelist():
        record = json.loads(archive.read(name))
        for a in record.get("affected", []):
            if a["package"]["ecosystem"] == "PyPI" and "withdrawn" not in record:
                packages.setdefault(normal(a["package"]["name"]), []).append((record["id"], a))
print(json.dumps([sorted({i for i, a in packages.get(normal(n), []) if speaks(a, v)}) for n, v in question["pairs"]]))
