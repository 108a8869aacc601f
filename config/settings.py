"""Django's settings. Runs out of the box; refuses to start wrongly in production.

Environment variables are read in `config/environment.py`, combinations are checked there and in
`config/checks.py`.
"""

import os
from typing import Any

from config.addresses import broker_url, content_security_policy, database, email
from config.directories import made
from config.embedded import PostgresServer, ValkeyServer
from config.environment import BASE_DIR, read_environment
from config.keys import secret_key

environment = read_environment()

DEBUG = environment.debug
HTTPS_ONLY = not DEBUG if environment.https_only is None else environment.https_only
VAR_DIR = environment.agora_var
SECRET_KEY = secret_key(environment)
ALLOWED_HOSTS = environment.allowed_hosts
CSRF_TRUSTED_ORIGINS = environment.csrf_trusted_origins
WEB_URL = environment.web_url.rstrip("/")
LIVE_URL = environment.live_url.rstrip("/")

# --- Parts

INSTALLED_APPS = [
    "config",
    "agents_core",
    "accounts",
    "operators",
    "shop",
    "socialnet",
    "channels",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "heroicons",
    "template_partials",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "config.middleware.named_request",
    "config.middleware.straight_to_the_probes",
    "django.middleware.security.SecurityMiddleware",
    "config.middleware.live_address",
    "config.middleware.straight_to_the_api",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.CallerMiddleware",
    "accounts.middleware.visit",
    "config.limits.PageLimits",
    "accounts.middleware.ClosedWithoutValkey",
    "accounts.middleware.FormErrorStatus",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- Servers: the addresses follow from the var directory alone, so any process finds them

DATABASE_URL = environment.database_url or PostgresServer(VAR_DIR).url
REDIS_URL = environment.redis_url or ValkeyServer(VAR_DIR).url

DATABASES = {"default": database(DATABASE_URL, conn_max_age=environment.conn_max_age)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# A lost Valkey must cost a moment, not a hanging request.
_QUICKLY = {"socket_timeout": 2.0, "socket_connect_timeout": 1.0}

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "agora",
        "OPTIONS": _QUICKLY,
    }
}

CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "config.channel_layer.ChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "agora"},
    }
}

# --- Celery: hints only. What a lost or doubled one means is agents_core's concern.

CELERY_BROKER_URL = broker_url(REDIS_URL)
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "interactive"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_TIMEOUT = 1.0
# Short: a hint is not worth waiting for. `max_retries` is kombu's, for publishing too.
CELERY_BROKER_TRANSPORT_OPTIONS = {**_QUICKLY, "max_retries": 0, "visibility_timeout": 3600}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "agents.sweep",
        "schedule": 1.0,
        "options": {"queue": "upkeep", "expires": 2},
    },
    "accounts": {
        "task": "accounts.upkeep",
        "schedule": 60.0,
        "options": {"queue": "upkeep", "expires": 60},
    },
    "prune": {
        "task": "agents.prune",
        "schedule": 3600.0,
        "options": {"queue": "upkeep", "expires": 3600},
    },
    "prune_history": {
        "task": "agents.prune_history",
        "schedule": 6 * 3600.0,
        "options": {"queue": "upkeep", "expires": 3600},
    },
}

# --- Accounts

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.backends.PasswordBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
SIGN_UP_OPEN = environment.sign_up_open
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_SESSION_REMEMBER = None  # who signs in chooses
ACCOUNT_CHANGE_EMAIL = True  # one address, and a new one once it is confirmed
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_FORMS = {"login": "accounts.forms.SignInForm"}
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS_ONLY else "http"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS_ONLY  # browsers themselves do for localhost alone
MFA_TOTP_ISSUER = "Agora"
MFA_TOTP_TOLERANCE = 1  # phones' clocks are not exact, and people type slowly

# --- Mail: to the console unless EMAIL_URL names a server

_email = email(environment.email_url)
EMAIL_BACKEND = _email.backend
EMAIL_HOST = _email.host
EMAIL_PORT = _email.port
EMAIL_HOST_USER = _email.user
EMAIL_HOST_PASSWORD = _email.password
EMAIL_USE_TLS = _email.use_tls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = environment.default_from_email

# --- The shop: where it sells (currency, zone, what customers call it), the first by default

SHOP_MARKETS = [("USD", "global", "US dollars"), ("EUR", "eu", "Euros, in Europe")]
# The dotted path of a `shop.payments.PaymentProvider`; none is installed.
PAYMENT_PROVIDER: str | None = None

# --- Browser security

CONTENT_SECURITY_POLICY = {"DIRECTIVES": content_security_policy(LIVE_URL)}
SESSION_COOKIE_NAME = "__Host-session" if HTTPS_ONLY else "agora_session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS_ONLY
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS_ONLY else "agora_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS_ONLY
SECURE_SSL_REDIRECT = HTTPS_ONLY
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if environment.trusted_proxies else None
)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576

# Never trust an X-Forwarded-For that no proxy of ours wrote.
NINJA_NUM_PROXIES = environment.trusted_proxies
ALLAUTH_TRUSTED_PROXY_COUNT = environment.trusted_proxies

# How much one caller may do: the table is `config/limits.py`.
RATE_LIMITS = environment.rate_limits

# --- Static files: straight from their sources while developing, hashed and packed otherwise

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "servestatic.storage.CompressedManifestStaticFilesStorage"
    },
}
# Packing with Brotli takes the start more than a minute; that it is there must change nothing.
SERVESTATIC_USE_BROTLI = False
MEDIA_ROOT = VAR_DIR / "media"

# --- Language, time, logs

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": "config.logs.Lines",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
        "json": {"()": "config.logs.JsonLines"},
    },
    "filters": {"facts": {"()": "config.logs.Facts"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["facts"],
            "formatter": environment.agora_log or ("lines" if DEBUG else "json"),
        }
    },
    "root": {"handlers": ["console"], "level": environment.log_level},
    "loggers": {
        "django": {"handlers": ["console"], "level": environment.log_level, "propagate": False},
        # One line per hint is noise; its own failures are warnings.
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
    },
}

# --- Metrics: processes count in files there; prometheus_client learns it when first imported

METRICS_DIR = made(VAR_DIR / "metrics")
METRICS_TOKEN: str | None = None
if environment.metrics_token is not None:
    METRICS_TOKEN = environment.metrics_token.get_secret_value()
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS_DIR)

# --- Recommendations by a language model, where there is one

LLM_BASE_URL = environment.llm_base_url
LLM_API_KEY = environment.llm_api_key.get_secret_value() if environment.llm_api_key else None
LLM_MODEL = environment.llm_model

# --- The agents' runtime: `agents_core` has a default for each

AGENTS: dict[str, Any] = {}
