"""One worker process for each process of Python.

The worker is the program, run as ``gambeson sanitize --stdio``. It is started when it is first
needed and ends when its pipe does. A child of a fork must never use the pipe of its parent:
the worker is known by the process that it belongs to, and a fork forgets it. (A library in Go,
loaded before a fork, hangs in the child; a process does not.)

Each frame has one answer, so a lock is held for one write and one read and never while Python's
own functions run: those may clean texts themselves, in any thread.
"""

import atexit
import collections
import itertools
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading

from ._binary import find_binary

_HEAD = struct.Struct(">cII")
_HANDLE = struct.Struct(">I")
_MAX_HANDLES = 1000  # configurations that the worker knows at once
_CHUNK = 1 << 16


class WorkerError(RuntimeError):
    """The worker could not clean a text. Nothing was let through: there is no result."""


class _Lost(Exception):
    """The worker is gone, and what it was doing is undone."""


def _gevent():
    """gevent's own reading and writing, if it has taken over this process."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None or not (
        monkey.is_module_patched("os")
        or monkey.is_module_patched("socket")
        or monkey.is_module_patched("threading")
    ):
        return None
    if os.name == "nt":
        return None
    import gevent.os

    return gevent.os


class _Busy(Exception):
    """A signal handler came between a question of its own thread and the answer."""


class _Process:
    """A running worker and the configurations that it knows."""

    def __init__(self):
        self.pid = os.getpid()
        self.lock = threading.RLock()  # a signal handler may come while its own thread holds it
        self.busy = False  # between a write and a read
        self.handles = collections.OrderedDict()
        self.numbers = itertools.count(1)
        self.broken = False
        self.read_fd = self.write_fd = -1
        self.nonblocking = _gevent()
        self.process = None
        shared = os.environ.get("GAMBESON_SOCKET")
        if shared and hasattr(socket, "AF_UNIX"):
            self._connect(shared[5:] if shared.startswith("unix:") else shared)
            return
        command = [find_binary(), "sanitize", "--stdio"]
        if os.name == "nt":
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
            )
            self.write_fd = self.process.stdin.fileno()
            self.read_fd = self.process.stdout.fileno()
            return
        there_r, self.write_fd = os.pipe()
        self.read_fd, there_w = os.pipe()
        try:
            self.process = subprocess.Popen(
                command, stdin=there_r, stdout=there_w, close_fds=True, start_new_session=True
            )
        except BaseException:
            self.forget()
            raise
        finally:
            os.close(there_r)
            os.close(there_w)
        self._unblock()

    def _connect(self, path):
        """Use what ``gambeson sanitize --serve unix:PATH`` serves, instead of a process of our
        own. It must be the same user's, or root's: whoever answers decides what is clean."""
        with socket.socket(socket.AF_UNIX) as there:
            there.connect(path)
            if hasattr(socket, "SO_PEERCRED"):  # who listens, whatever the path says
                _, owner, _ = struct.unpack(
                    "3i", there.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
                )
            else:
                owner = os.stat(path).st_uid
            if owner not in (os.geteuid(), 0):
                raise OSError("the socket %s belongs to somebody else" % path)
            self.read_fd = os.dup(there.fileno())
            self.write_fd = os.dup(there.fileno())
        for fd in (self.read_fd, self.write_fd):
            os.set_blocking(fd, True)
        self._unblock()

    def _unblock(self):
        if self.nonblocking:
            self.nonblocking.make_nonblocking(self.read_fd)
            self.nonblocking.make_nonblocking(self.write_fd)

    def forget(self):
        """Close this side of the pipes, without a word to the process at the other end."""
        self.broken = True
        if os.name == "nt":
            return
        for fd in (self.read_fd, self.write_fd):
            if fd >= 0:
                try:
                    os.close(fd)
                except OSError:
                    pass
        self.read_fd = self.write_fd = -1

    def end(self):
        """End the worker and wait for its end.

        Not with ``Popen.wait``: what a signal handler raises between two of its steps leaves its
        lock locked, and whoever waits after that waits until the time is up.
        """
        self.forget()
        process = self.process
        if process is None or process.returncode is not None:
            return
        try:
            if os.name == "nt" or self.nonblocking:  # gevent waits for its children itself
                process.kill()
                process.wait(5)
            else:
                os.kill(process.pid, signal.SIGKILL)
                os.waitpid(process.pid, 0)
                process.returncode = -signal.SIGKILL
        except (ProcessLookupError, ChildProcessError):
            process.returncode = 0  # somebody else has waited for it
        except Exception:
            pass

    def _write(self, data):
        write = self.nonblocking.nb_write if self.nonblocking else os.write
        view = memoryview(data)
        while view:
            view = view[write(self.write_fd, view) :]

    def _read(self, wanted):
        read = self.nonblocking.nb_read if self.nonblocking else os.read
        data = read(self.read_fd, _CHUNK)
        if len(data) >= wanted or not data:
            return data
        parts = [data]
        size = len(data)
        while size < wanted:
            data = read(self.read_fd, max(_CHUNK, wanted - size))
            if not data:
                return b""
            parts.append(data)
            size += len(data)
        return b"".join(parts)

    def exchange(self, op, number, *data):
        """One frame there, one back. The lock is held."""
        size = sum(map(len, data))
        try:
            self._write(b"".join((_HEAD.pack(op, number, size),) + data))
            answer = self._read(_HEAD.size)
            if not answer:
                raise _Lost()
            op, back, size = _HEAD.unpack_from(answer)
            missing = _HEAD.size + size - len(answer)
            if missing > 0:
                more = self._read(missing)
                if not more:
                    raise _Lost()
                answer += more
            if back != number or len(answer) != _HEAD.size + size:
                raise _Lost()
            return op, answer[_HEAD.size :]
        except OSError:
            self.broken = True
            raise _Lost()
        except BaseException:
            # Whatever came between a question and its answer, the answer would be taken for
            # that of the next question.
            self.broken = True
            raise

    def handle(self, config):
        """The number by which the worker knows a configuration. The lock is held."""
        handle = self.handles.get(config)
        if handle is not None:
            self.handles.move_to_end(config)
            return handle
        if len(self.handles) >= _MAX_HANDLES:
            _, handle = self.handles.popitem(last=False)
        else:
            handle = len(self.handles) + 1
        op, data = self.exchange(b"c", handle, config)
        if op != b"k":
            raise ValueError(data.decode("utf-8", "replace"))
        self.handles[config] = handle
        return handle

    def locked(self, run):
        """Run something with the lock held."""
        with self.lock:
            if self.broken:
                raise _Lost()
            if self.busy:
                raise _Busy()
            self.busy = True
            try:
                return run()
            finally:
                self.busy = False

    def call(self, op, config, data, answer):
        """A whole call: the text there, questions back and forth, the result."""
        number = next(self.numbers) & 0xFFFFFFFF

        def begin():
            handle = self.handle(config)
            return self.exchange(op, number, _HANDLE.pack(handle), data)

        op, data = self.locked(begin)
        while op == b"q":
            try:
                reply = json.dumps(answer(json.loads(data.decode("utf-8")))).encode("utf-8")
            except BaseException:
                try:
                    self.locked(lambda: self.exchange(b"n", number))
                except (_Lost, _Busy):
                    pass
                raise
            op, data = self.locked(lambda: self.exchange(b"a", number, reply))
        if op == b"o" or op == b"u":
            return data
        raise WorkerError(data.decode("utf-8", "replace"))


_current = None
_starting = threading.RLock()


def _after_fork():
    global _current, _starting
    _starting = threading.RLock()
    if _current is not None:
        _current.forget()  # the parent's, and so is its process
        if _current.process is not None:
            _current.process.returncode = 0
        _current = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


@atexit.register
def _at_exit():
    """End the worker with this process, and not a moment later."""
    worker = _current
    if worker is not None and worker.pid == os.getpid():
        worker.end()


def _worker():
    global _current
    worker = _current
    if worker is not None and not worker.broken and worker.pid == os.getpid():
        return worker
    with _starting:
        worker = _current
        if worker is not None and worker.pid == os.getpid():
            if not worker.broken:
                return worker
            worker.end()
        elif worker is not None:
            _after_fork()
        fresh = _Process()
        if _current is not worker and _current is not None:
            fresh.end()  # a signal handler was faster
        else:
            _current = fresh
        return _current


def call(op, config, data, answer=None):
    """Ask the worker. ``config`` and ``data`` are bytes, ``answer`` answers its questions. A
    worker that is gone is started again once; then WorkerError."""
    for attempt in (1, 2):
        try:
            worker = _worker()
        except OSError as error:
            raise WorkerError("the worker cannot be started: %s" % error)
        try:
            return worker.call(op, config, data, answer)
        except _Lost:
            worker.broken = True
        except _Busy:
            extra = _Process()  # it cannot wait for itself
            try:
                return extra.call(op, config, data, answer)
            except _Lost:
                raise WorkerError("the worker ended over the text")
            finally:
                extra.end()
    raise WorkerError("the worker ended twice over the same text")


def encode(text):
    """UTF-8, with U+FFFD for what is no character."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode("utf-8")
