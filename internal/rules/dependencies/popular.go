package dependencies

import (
	"strings"
	"sync"
)

// popular are names of PyPI that people mean when they write one like it, of November
// 2026, chosen by hand, from what we know that people install. A name that is missing costs a finding, one
// too many nothing; what a real package is called that looks like one stands in alike.
var popular = sync.OnceValue(func() map[string]bool {
	return set(`
aiobotocore aiofiles aiohttp aiomysql aioredis aiosqlite airflow alembic altair amqp anthropic anyio apache-airflow apscheduler argcomplete argon2-cffi arrow asgiref astroid asyncpg attrs authlib autobahn
awscli azure-core azure-identity azure-storage-blob babel backoff bandit bcrypt beautifulsoup4 billiard black bleach blinker boltons boto3 botocore bottle bokeh build cachetools cattrs catboost celery certifi cffi channels
chardet charset-normalizer cherrypy click cloudpickle colorama coloredlogs colorlog configparser contourpy coverage crispy-forms cryptography cssselect cycler cython dask databricks-sdk datasets dateparser
decorator defusedxml deprecated dill diskcache distlib distro django django-allauth django-cors-headers django-crispy-forms django-debug-toolbar django-environ django-extensions django-filter django-redis
django-storages djangorestframework dnspython docker docopt docutils duckdb dynaconf ecdsa elasticsearch email-validator environs eventlet exceptiongroup execnet fabric factory-boy faker falcon fastapi fastavro
feedparser filelock fiona flake8 flask flask-admin flask-babel flask-caching flask-cors flask-limiter flask-login flask-mail flask-migrate flask-restful flask-security flask-sqlalchemy flask-wtf folium fonttools freezegun
frozenlist fsspec furo future fuzzywuzzy gensim geopandas gevent gitpython google-api-core google-api-python-client google-auth google-cloud-bigquery google-cloud-storage googleapis-common-protos gradio graphene graphql-core
greenlet grpcio grpcio-tools gunicorn hatchling html5lib httpcore httplib2 httptools httpx huggingface-hub humanize hvac hypercorn hypothesis imageio importlib-metadata importlib-resources iniconfig invoke ipykernel
ipython ipywidgets isodate isort itsdangerous jellyfish jinja2 jmespath joblib jsonpatch jsonpickle jsonpointer jsonschema jupyter jupyterlab kafka-python keras keyring kombu kubernetes langchain langchain-core ldap3
lightgbm locust loguru lxml mako markdown markdown-it-py markupsafe marshmallow matplotlib mccabe mechanize mistune mongoengine more-itertools motor msgpack multidict mypy-extensions mysql-connector-python mysqlclient
nbconvert nbformat netaddr networkx notebook numba numpy nltk oauthlib openai opencv-python openpyxl opentelemetry-api opentelemetry-sdk orjson packaging pandas paramiko passlib pathspec pdfminer-six peewee pendulum
pexpect phonenumbers pillow pipenv pika platformdirs playwright plotly pluggy poetry polars pre-commit prettytable prometheus-client prompt-toolkit protobuf psutil psycopg2 psycopg2-binary ptyprocess pyarrow pyasn1
pyasn1-modules pyautogui pycodestyle pycountry pycparser pycryptodome pydantic pydantic-core pydantic-settings pyflakes pygments pygithub pyinstaller pyjwt pylint pymemcache pymongo pymysql pynacl pyodbc pyopenssl pyotp
pyparsing pypdf pyperclip pyproj pyramid pyserial pyspark pytesseract pytest pytest-asyncio pytest-cov pytest-django pytest-mock pytest-xdist python-dateutil python-decouple python-docx python-dotenv python-jose python-json-logger
python-levenshtein python-magic python-multipart python-pptx python-slugify python-telegram-bot pytorch-lightning pywin32 pyyaml pyzmq qrcode rapidfuzz rasterio referencing regex reportlab requests requests-oauthlib
requests-toolbelt responses rich ruamel-yaml s3transfer safetensors sanic scikit-image scikit-learn scipy scrapy seaborn selenium sendgrid sentencepiece sentry-sdk setuptools setuptools-scm shapely simplejson slack-sdk
sniffio snowflake-connector-python sortedcontainers soupsieve spacy sphinx sphinx-rtd-theme sqlalchemy sqlmodel sqlparse starlette statsmodels streamlit stripe structlog supervisor sympy tabulate telethon tenacity tensorboard
tensorflow termcolor textual threadpoolctl tiktoken tokenizers tomlkit toolz torchaudio torchvision tornado traitlets transformers tweepy twilio twisted typeguard typer typing-extensions typing-inspect tzlocal ujson
unidecode uritemplate urllib3 uvicorn uvloop virtualenv waitress watchdog watchfiles wcwidth weasyprint websocket-client websockets werkzeug wheel whitenoise wrapt wtforms xgboost xlsxwriter xmltodict zeep zope-interface
`)
})

// alike are packages of their own whose names are near one of those: what PyPI had in
// November 2026 that is downloaded much or kept up, and that people choose.
var alike = sync.OnceValue(func() map[string]bool {
	return set(`
ctboost django-filer docorator google-oauth grapheme graphyne greenlit http-tools jsonpath matplotlab mysqlx-connector-python pacparser paperclip pedantic pyaerial pydbantic pygents pyparser
pytest-cdist python-doxx shapley typedguard uri-template
`)
})

func set(list string) map[string]bool {
	out := map[string]bool{}
	for name := range strings.FieldsSeq(list) {
		out[name] = true
	}
	return out
}
