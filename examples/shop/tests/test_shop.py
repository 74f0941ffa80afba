import io
import os
import tarfile
import tempfile
import unittest
from unittest import mock

from shop import create_app, db


class ShopTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.app = create_app({
            "TESTING": True,
            "PROPAGATE_EXCEPTIONS": False,
            "DATA": folder.name,
            "WEBHOOK_TOKEN": "webhook",
        })
        self.client = self.app.test_client()

    def register(self, email="ann@example.org", role="customer"):
        self.client.post("/register", data={"email": email, "password": "correct horse"})
        with self.app.app_context():
            db.change("UPDATE users SET role = ? WHERE email = ?", (role, email))

    def test_search_finds_products(self):
        page = self.client.get("/search?q=scarf").get_data(as_text=True)
        self.assertIn("Wool scarf", page)
        self.assertNotIn("Linen jacket", page)

    def test_product_page_shows_reviews(self):
        self.client.post("/product/2/reviews", data={"author": "Ann <3", "body": "Warm."})
        page = self.client.get("/product/2").get_data(as_text=True)
        self.assertIn("<em>Ann &lt;3</em>: Warm.", page)
        self.assertEqual(self.client.get("/product/99").status_code, 404)

    def test_manual(self):
        with open(os.path.join(self.app.config["FILES"], "manuals", "wool.txt"), "w") as file:
            file.write("Wash cold.")
        with self.client.get("/manual?file=wool.txt") as response:
            self.assertEqual(response.data, b"Wash cold.")

    def test_login(self):
        self.register()
        wrong = self.client.post("/login", data={"email": "ann@example.org", "password": "no"})
        self.assertEqual(wrong.status_code, 401)
        right = self.client.post("/login?next=/cart", data={"email": "ann@example.org", "password": "correct horse"})
        self.assertEqual(right.location, "/cart")

    def test_reset(self):
        self.register()
        self.client.post("/forgotten", data={"email": "ann@example.org"})
        with self.app.app_context():
            token = db.query("SELECT reset_token FROM users")[0]["reset_token"]
        form = {"email": "ann@example.org", "token": "guess", "password": "new"}
        self.assertEqual(self.client.post("/reset", data=form).status_code, 403)
        self.assertEqual(self.client.post("/reset", data=dict(form, token=token)).status_code, 302)

    @mock.patch("shop.cart.requests.post")
    def test_order(self, charge):
        self.register()
        self.client.post("/cart/add", data={"product": "2"})
        self.client.post("/cart/add", data={"product": "2"})
        self.assertEqual(self.client.get("/cart").json["total"], 5800)
        order = self.client.post("/checkout").json["order"]
        charge.assert_called_once()
        paid = self.client.post("/payment/webhook", data={"order": order}, headers={"X-Webhook-Token": "webhook"})
        self.assertEqual(paid.status_code, 204)
        token = self.client.post("/api/token").json["token"]
        orders = self.client.get("/api/orders", headers={"Authorization": "Bearer " + token}).json
        self.assertEqual(orders, [{"id": order, "total": 5800, "paid": 1}])

    def test_registration_wants_an_address(self):
        answer = self.client.post("/register", data={"email": "ann", "password": "correct horse"})
        self.assertEqual(answer.status_code, 400)

    def test_back_office_is_for_admins(self):
        self.register()
        self.assertEqual(self.client.get("/admin/export").status_code, 403)
        self.register("boss@example.org", role="admin")
        with self.client.get("/admin/export") as response:
            self.assertIn(b"Wool scarf", response.data)

    def test_import(self):
        self.register(role="admin")
        data = b"- {name: Felt hat, price: 3900}\n"
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            entry = tarfile.TarInfo("products.yaml")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
        archive.seek(0)
        done = self.client.post("/admin/import", data={"archive": (archive, "spring.tar")})
        self.assertEqual(done.json, {"imported": 1})
        self.assertIn("Felt hat", self.client.get("/search?q=hat").get_data(as_text=True))

    @mock.patch("shop.admin.urllib.request.urlopen")
    def test_picture(self, urlopen):
        self.register(role="admin")
        urlopen.return_value.__enter__.return_value.read.return_value = b"JPEG"
        done = self.client.post("/admin/picture", data={"product": "2", "url": "https://pictures.example/scarf.jpg"})
        self.assertEqual(done.status_code, 201)
        with self.client.get(done.json["picture"]) as response:
            self.assertEqual(response.data, b"JPEG")

    @mock.patch("shop.admin.mail.send")
    def test_newsletter(self, send):
        self.register(role="admin")
        form = {"subject": "Spring", "text": "Dear {{ email }}, it is spring."}
        self.assertEqual(self.client.post("/admin/newsletter", data=form).json, {"sent": 1})
        send.assert_called_once_with("ann@example.org", "Spring", "Dear ann@example.org, it is spring.")

    @mock.patch("shop.mail.smtplib.SMTP")
    def test_letter(self, smtp):
        self.app.config["MAIL_HOST"] = "mail.example"
        self.register()
        self.client.post("/forgotten", data={"email": "ann@example.org"})
        message = smtp.return_value.__enter__.return_value.send_message.call_args.args[0]
        self.assertEqual(message["To"], "ann@example.org")


if __name__ == "__main__":
    unittest.main()
