"""Gambeson in Python: the sanitiser of HTML, and the program in a wheel.

``from gambeson import bleach`` is Bleach, as programs that were written for it know it;
``gambeson.sanitize`` is the strict policy for those that are written now. Both ask one
worker process, which is the program itself.
"""

from ._binary import find_binary
from ._worker import WorkerError

__version__ = "0.1.0"
__all__ = ["WorkerError", "find_binary"]
