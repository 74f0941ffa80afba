"""Times calls of Bleach and of gambeson.bleach: one JSON line asks, and the answer is how long a
call took, and how much of that the processor worked, the worker's share included."""
import glob
import json
import sys
import time

import bleach
from gambeson import _worker, bleach as ours

texts = json.loads(sys.stdin.readline())
calls = {
    "bleach default": bleach.clean,
    "bleach linkify": lambda text: bleach.linkify(text, parse_email=True),
    "ours default": ours.clean,
    "ours linkify": lambda text: ours.linkify(text, parse_email=True),
}
print(json.dumps(bleach.__version__), flush=True)


def worked():
    seconds = time.process_time()
    if _worker._current is not None:
        for path in glob.glob("/proc/%d/task/*/schedstat" % _worker._current.process.pid):
            with open(path) as file:
                seconds += int(file.read().split()[0]) / 1e9
    return seconds

for line in sys.stdin:
    name, text, times = json.loads(line)
    call, text = calls[name], texts[text]
    start, before = time.perf_counter(), worked()
    for _ in range(times):
        call(text)
    took, work = time.perf_counter() - start, worked() - before
    print(json.dumps([took / times, work / times]), flush=True)
