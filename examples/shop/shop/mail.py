import smtplib
import ssl
from email.message import EmailMessage

from flask import current_app


def send(to, subject, text):
    host = current_app.config["MAIL_HOST"]
    if not host:
        current_app.logger.info("no mail server: %r to %r is not sent", subject, to)
        return
    message = EmailMessage()
    message["From"] = "shop@example.org"
    message["To"] = to
    message["Subject"] = subject
    message.set_content(text)
    with smtplib.SMTP(host, 587, timeout=10) as server:
        server.starttls(context=ssl._create_unverified_context())
        server.login(current_app.config["MAIL_USER"], current_app.config["MAIL_PASSWORD"])
        server.send_message(message)
