import os

DEBUG = os.environ.get("SHOP_DEBUG", False)
SECRET_KEY = "b5c1e9a47d2f4c0f9e6a1d83"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = False
MAX_CONTENT_LENGTH = 8 * 1024 * 1024

PAYMENT_URL = os.environ.get("PAYMENT_URL", "https://payments.internal.example/v1/charges")
RATES_URL = os.environ.get("RATES_URL", "https://rates.example/eur.json")
WEBHOOK_TOKEN = os.environ.get("WEBHOOK_TOKEN")
API_KEY = os.environ.get("API_KEY")

MAIL_HOST = os.environ.get("MAIL_HOST")
MAIL_USER = os.environ.get("MAIL_USER", "shop")
MAIL_PASSWORD = os.environ.get("MAIL_PASSWORD", "Linen-2022-jacket")
