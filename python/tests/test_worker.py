"""The worker: forks, threads, deaths."""

import multiprocessing
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import unittest

from gambeson import WorkerError, _worker, bleach, find_binary

SRC = os.path.join(os.path.dirname(__file__), "..", "src")


def call(number):
    return bleach.clean("<b>%d<i><x>" % number)


def want(number):
    return "<b>%d<i>&lt;x&gt;</i></b>" % number


def many(first, queue):
    queue.put(all(call(n) == want(n) for n in range(first, first + 50)))


def worker_pid():
    call(0)
    return _worker._current.process.pid


class Worker(unittest.TestCase):
    def run_here(self, program, timeout=60):
        """Run a program of its own: signals and gevent change a process for good."""
        return subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program)],
            env=dict(os.environ, PYTHONPATH=SRC), timeout=timeout, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, universal_newlines=True,
        ).stdout.strip()

    def test_one_worker(self):
        self.assertEqual(worker_pid(), worker_pid())

    def test_threads(self):
        wrong = []

        def work(first):
            for n in range(first, first + 100):
                if call(n) != want(n):
                    wrong.append(n)
                asked = bleach.clean("<a title=%d>" % n, attributes=lambda t, a, v: True)
                if asked != '<a title="%d"></a>' % n:
                    wrong.append(asked)

        threads = [threading.Thread(target=work, args=(1000 * n,)) for n in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            self.assertFalse(thread.is_alive())
        self.assertEqual(wrong, [])

    def test_killed(self):
        for _ in range(3):
            os.kill(worker_pid(), signal.SIGKILL)
            self.assertEqual(call(7), want(7))

    def test_killed_in_the_middle(self):
        calls = []

        def kill(tag, name, value):
            calls.append(name)
            if len(calls) == 1:
                os.kill(_worker._current.process.pid, signal.SIGKILL)
            return True

        self.assertEqual(bleach.clean("<a title=x>", attributes=kill), '<a title="x"></a>')
        self.assertEqual(len(calls), 2)

    def test_killed_each_time(self):
        def kill(tag, name, value):
            os.kill(_worker._current.process.pid, signal.SIGKILL)
            return True

        with self.assertRaises(WorkerError):
            bleach.clean("<a title=x>", attributes=kill)
        self.assertEqual(call(8), want(8))

    def test_no_binary(self):
        out = self.run_here(
            """
            import os
            os.environ["GAMBESON_BINARY"] = "/nowhere"
            from gambeson import bleach, WorkerError
            try:
                print(bleach.clean("<b>"))
            except WorkerError as error:
                print("refused:", error)
            """
        )
        self.assertTrue(out.startswith("refused:"), out)

    def test_many_configurations(self):
        for n in range(2100):
            self.assertEqual(
                bleach.clean("<t%d><b>" % n, tags={"t%d" % n}), "<t%d>&lt;b&gt;</t%d>" % (n, n)
            )

    @unittest.skipUnless(hasattr(os, "fork"), "no fork")
    def test_fork(self):
        parent = worker_pid()
        for _ in range(4):
            child = os.fork()
            if child == 0:
                good = False
                try:
                    good = call(1) == want(1) and _worker._current.process.pid != parent
                finally:
                    os._exit(0 if good else 1)
            _, status = os.waitpid(child, 0)
            self.assertEqual(status, 0)
        self.assertEqual(worker_pid(), parent)

    @unittest.skipUnless(hasattr(os, "fork"), "no fork")
    def test_fork_while_threads_clean(self):
        stop = threading.Event()

        def work():
            while not stop.is_set():
                call(1)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(20):
                child = os.fork()
                if child == 0:
                    good = False
                    try:
                        good = call(2) == want(2)
                    finally:
                        os._exit(0 if good else 1)
                _, status = os.waitpid(child, 0)
                self.assertEqual(status, 0)
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def test_multiprocessing(self):
        call(0)
        for method in ("fork", "spawn"):
            if method not in multiprocessing.get_all_start_methods():
                continue
            context = multiprocessing.get_context(method)
            queue = context.Queue()
            processes = [context.Process(target=many, args=(100 * n, queue)) for n in range(4)]
            for process in processes:
                process.start()
            self.assertEqual([queue.get(timeout=60) for _ in processes], [True] * 4)
            for process in processes:
                process.join(30)
                self.assertEqual(process.exitcode, 0)

    def test_worker_ends_with_its_process(self):
        pid = int(self.run_here(
            """
            import os
            from gambeson import _worker, bleach
            bleach.clean("<b>")
            print(_worker._current.process.pid, flush=True)
            os._exit(0)
            """
        ))
        for _ in range(100):
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return
            with open("/proc/%d/stat" % pid) as file:
                if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return
            time.sleep(0.05)
        self.fail("the worker lives on")

    @unittest.skipUnless(hasattr(signal, "setitimer"), "no timers")
    def test_signals(self):
        out = self.run_here(
            """
            import signal
            from gambeson import bleach
            count = [0, 0]
            def tick(*_):
                count[0] += 1
                if bleach.clean("<i>%d<x>" % count[0]) == "<i>%d&lt;x&gt;</i>" % count[0]:
                    count[1] += 1
            signal.signal(signal.SIGALRM, tick)
            for n in range(100):
                signal.setitimer(signal.ITIMER_REAL, 0.0005 + n % 7 * 0.0003)
                for m in range(20):
                    assert bleach.clean("<b>%d<x>" % m) == "<b>%d&lt;x&gt;</b>" % m
            print(count[0] > 0 and count[0] == count[1])
            """
        )
        self.assertEqual(out, "True")

    def test_interrupted(self):
        out = self.run_here(
            """
            import signal, sys, time
            from gambeson import bleach
            class Stop(BaseException): pass
            # One that falls into a __del__ is told here and dropped: the rest must hold all the same.
            sys.unraisablehook = lambda told: told.exc_type is Stop or sys.__unraisablehook__(told)
            def tick(*_): raise Stop()
            signal.signal(signal.SIGALRM, tick)
            wrong = stopped = 0
            for n in range(300):
                try:
                    signal.setitimer(signal.ITIMER_REAL, 0.0005 + n % 7 * 0.0003)
                    for m in range(50):
                        if bleach.clean("<b>%d" % (n * m)) != "<b>%d</b>" % (n * m): wrong += 1
                    end = time.time() + 1
                    while time.time() < end: pass  # it was dropped: go on
                except Stop:
                    stopped += 1
            print(wrong, stopped > 250)
            """
        )
        self.assertEqual(out, "0 True")

    @unittest.skipUnless(hasattr(os, "fork"), "no Unix")
    def test_shared(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "s")
            server = subprocess.Popen([find_binary(), "sanitize", "--serve", "unix:" + path])
            try:
                for _ in range(100):
                    if os.path.exists(path):
                        break
                    time.sleep(0.05)
                self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
                os.environ["GAMBESON_SOCKET"] = "unix:" + path
                out = self.run_here(
                    """
                    import os
                    from gambeson import _worker, bleach
                    print(bleach.clean("<b title=x>", attributes=lambda t, n, v: True), _worker._current.process, flush=True)
                    if os.fork() == 0:
                        print(bleach.clean("<i>"), flush=True)
                        os._exit(0)
                    os.wait()
                    print(bleach.clean("<u>"))
                    """
                )
                self.assertEqual(out.split("\n"), ['<b title="x"></b> None', "<i></i>", "&lt;u&gt;"])
            finally:
                os.environ.pop("GAMBESON_SOCKET", None)
                server.terminate()
                server.wait(10)
            self.assertFalse(os.path.exists(path))

    @unittest.skipUnless(hasattr(os, "geteuid") and os.geteuid() == 0, "only root can be somebody else")
    def test_shared_with_somebody_else(self):
        folder = tempfile.mkdtemp(dir="/tmp")
        try:
            os.chmod(folder, 0o777)
            path = os.path.join(folder, "s")
            program = os.path.join(folder, "gambeson")
            shutil.copy(find_binary(), program)
            os.chmod(program, 0o755)
            nobody = 65534

            def become():
                os.setgroups([])
                os.setgid(nobody)
                os.setuid(nobody)

            # Root's server, its socket open to all by mistake: nobody is turned away by name.
            server = subprocess.Popen([program, "sanitize", "--serve", "unix:" + path])
            try:
                for _ in range(100):
                    if os.path.exists(path):
                        break
                    time.sleep(0.05)
                os.chmod(path, 0o777)
                child = os.fork()  # not a new Python, which others may not start
                if child == 0:
                    try:
                        become()
                        there = socket.socket(socket.AF_UNIX)
                        there.connect(path)
                        config = b'{"mode": "clean"}'
                        try:
                            there.sendall(struct.pack(">cII", b"c", 1, len(config)) + config)
                            answer = there.recv(100)
                        except OSError:
                            answer = b""
                        os._exit(1 if answer else 0)
                    finally:
                        os._exit(2)
                self.assertEqual(os.waitpid(child, 0)[1], 0)
            finally:
                server.terminate()
                server.wait(10)
            # Somebody else's server: what it says of a text is worth nothing, and is not asked.
            server = subprocess.Popen([program, "sanitize", "--serve", "unix:" + path], preexec_fn=become)
            try:
                for _ in range(100):
                    if os.path.exists(path):
                        break
                    time.sleep(0.05)
                os.environ["GAMBESON_SOCKET"] = "unix:" + path
                out = self.run_here(
                    """
                    from gambeson import bleach, WorkerError
                    try: print(bleach.clean("<b>"))
                    except WorkerError as error: print(error)
                    """
                )
                self.assertIn("belongs to somebody else", out)
            finally:
                os.environ.pop("GAMBESON_SOCKET", None)
                server.terminate()
                server.wait(10)
        finally:
            shutil.rmtree(folder)

    def test_gevent(self):
        try:
            import gevent  # noqa: F401
        except ImportError:
            if "gevent" in os.environ.get("GAMBESON_REQUIRE", "").split(","):
                self.fail("there is no gevent")
            self.skipTest("there is no gevent")
        out = self.run_here(
            """
            from gevent import monkey; monkey.patch_all()
            import gevent, time
            from gambeson import bleach
            ticks = []
            def tick():
                while True:
                    ticks.append(time.time())
                    gevent.sleep(0.005)
            ticker = gevent.spawn(tick)
            big = "<b>x<i>y</i></b>" * 40000
            jobs = [gevent.spawn(bleach.clean, big) for _ in range(3)]
            jobs += [gevent.spawn(bleach.clean, "<b>%d" % n) for n in range(200)]
            jobs += [gevent.spawn(bleach.clean, "<a title=%d>" % n, attributes=lambda t, a, v: not gevent.sleep(0.001)) for n in range(50)]
            gevent.joinall(jobs, timeout=50)
            ticker.kill()
            good = [job.value for job in jobs[:3]] == [big] * 3
            good = good and [job.value for job in jobs[3:203]] == ["<b>%d</b>" % n for n in range(200)]
            good = good and [job.value for job in jobs[203:]] == ['<a title="%d"></a>' % n for n in range(50)]
            print(good, len(ticks) > 5)
            """
        )
        self.assertEqual(out, "True True")


if __name__ == "__main__":
    unittest.main()
