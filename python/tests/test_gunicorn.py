"""Under gunicorn: sync and threads, with and without --preload. A library in Go would hang."""

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
import unittest
from urllib.parse import quote

HERE = os.path.dirname(os.path.abspath(__file__))


def setUpModule():
    try:
        import gunicorn  # noqa: F401
    except ImportError:
        if "gunicorn" in os.environ.get("GAMBESON_REQUIRE", "").split(","):
            raise
        raise unittest.SkipTest("there is no gunicorn")


class Gunicorn(unittest.TestCase):
    def serve(self, *options):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        path = os.pathsep.join([os.path.join(HERE, "..", "src"), HERE])
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-w", "4", "-b", "127.0.0.1:%d" % port,
             "--timeout", "20", "--log-level", "warning", "wsgi_app:app"] + list(options),
            env=dict(os.environ, PYTHONPATH=path), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        wrong, done = [], []

        def ask(first):
            for n in range(first, first + 500):
                kind = "&kill=1" if n in (100, 720, 1340, 1960) else "&ask=1" if n % 3 == 1 else ""
                text = "<a title=%d>%d<script>" % (n, n)
                want = '<a title="%d">%d&lt;script&gt;</a>' % (n, n)
                try:
                    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                    client.request("GET", "/?text=" + quote(text) + kind)
                    answer = client.getresponse()
                    body = answer.read().decode("utf-8")
                    client.close()
                    if answer.status != 200 or body != want:
                        wrong.append((answer.status, body))
                except OSError as error:
                    wrong.append(error)
                done.append(n)

        try:
            for _ in range(200):
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            threads = [threading.Thread(target=ask, args=(500 * n,)) for n in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        finally:
            server.terminate()
            try:
                log = server.communicate(timeout=30)[0].decode("utf-8", "replace")
            except subprocess.TimeoutExpired:
                server.kill()
                log = server.communicate()[0].decode("utf-8", "replace")
        self.assertEqual(wrong, [], log)
        self.assertEqual(len(done), 2000)
        self.assertNotIn("WORKER TIMEOUT", log)

    def test_sync(self):
        self.serve()

    def test_sync_preload(self):
        self.serve("--preload")

    def test_threads(self):
        self.serve("-k", "gthread", "--threads", "4")

    def test_threads_preload(self):
        self.serve("-k", "gthread", "--threads", "4", "--preload")


if __name__ == "__main__":
    unittest.main()
