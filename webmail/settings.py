"""Settings, read from the environment and from `.env`; every one is listed in `.env.example`."""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from webmail.keys import read_or_make
from webmail.mailers import mailers

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(env.str("ENV_FILE", default=str(BASE_DIR / ".env")))

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

# Either both secrets come from the environment, or both from the file beside the database.
if "SECRET_KEY" in env and "FIELD_KEYS" in env:
    SECRET_KEY = env.str("SECRET_KEY")
    FIELD_KEYS = env.list("FIELD_KEYS")
    FIELD_KEYS_FILE = None
else:
    _secrets = read_or_make(DATA_DIR / "keys")
    SECRET_KEY = env.str("SECRET_KEY", default=_secrets["SECRET_KEY"])
    FIELD_KEYS = env.list("FIELD_KEYS", default=_secrets["FIELD_KEYS"].split(","))
    # Where they are rotated while processes run; None: in the environment, for the next start.
    FIELD_KEYS_FILE = None if "FIELD_KEYS" in env else DATA_DIR / "keys"

DEBUG = env.bool("DEBUG", default=False)
# The name of this installation: in Message-IDs' absence of a domain, in the mail servers' greetings.
HOSTNAME = env.str("HOSTNAME_OF_MAIL", default="localhost")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# The address that people open, for links that are written outside of a page.
SITE_URL = env.str("SITE_URL", default="").rstrip("/")

# HTTPS is on by one switch, because a family may first try Letterbox on http://127.0.0.1.
HTTPS = env.bool("HTTPS", default=False)
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
# Not "no-referrer": browsers then send "Origin: null" with forms, which the CSRF check must refuse.
SECURE_REFERRER_POLICY = "same-origin"
SESSION_ENGINE = "webmail.sessions"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
DEFAULT_EXCEPTION_REPORTER_FILTER = "webmail.errors.ReportFilter"
# Only the document of a message is framed, and says so itself.
X_FRAME_OPTIONS = "DENY"

SECURE_CSP: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "frame-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}

INSTALLED_APPS = [
    "webmail",
    "accounts",
    "mailbox",
    "webmail.panel_config.PanelConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "webmail.permissions.PermissionsPolicyMiddleware",
    "mailbox.views.poll.PollMiddleware",
    "webmail.compression.CompressionMiddleware",
    "webmail.preloading.PreloadMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.middleware.PreferencesMiddleware",
    "accounts.presence.PresenceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "webmail.urls"
WSGI_APPLICATION = "webmail.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Where it is kept ----------------------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'letterbox.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # A transaction that will write takes the lock at its start: two that upgrade in the middle would deadlock.
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        # FULL, not NORMAL: a message is deleted from its server right after the commit, so the commit must be on disk.
        # A log of 32 MB: a page that several commits change is then copied into the database once. No mmap: it counts
        # as memory of every process. Temporary files stay files: in memory, SQLite walks through all it has noted for a
        # rollback after each row, which grows with the database to a tenth of a pull.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-57344;"
        "PRAGMA wal_autocheckpoint=8000;",
    }
else:
    DATABASES["default"]["ENGINE"] = "webmail.postgresql"
    DATABASES["default"]["CONN_MAX_AGE"] = 300
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": DATA_DIR / "cache"}
    }

# What was made of the messages that were opened last: their page asks for it, then the frame in it does. In memory, for
# it is private, and soon asked for again or never.
CACHES["documents"] = {
    "BACKEND": "webmail.memory.MemoryCache",
    "LOCATION": "documents",
    "TIMEOUT": 300,
    "OPTIONS": {"MAX_ENTRIES": 64},
}

# Celery --------------------------------------------------------------------------------------------------------------

if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "socket_connect_timeout": 3,
        "socket_timeout": 10,
        # A broker that is down must not hold up the page that wakes a task: the next tick finds what is due.
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.2,
    }
else:
    _broker = DATA_DIR / "broker"
    for _folder in ("queue", "control"):
        (_broker / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://localhost"
    CELERY_BROKER_TRANSPORT = "webmail.broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker / "queue"),
        "data_folder_out": str(_broker / "queue"),
        "control_folder": str(_broker / "control"),
        "polling_interval": 0.05,
    }
# The beat's tick finds whatever is due; a task that was lost waits for the next one, this many seconds later.
TICK_SECONDS = env.float("TICK_SECONDS", default=15.0)
CELERY_BEAT_SCHEDULE = {
    "pull what is due": {"task": "mailbox.tasks.pull_due", "schedule": TICK_SECONDS, "options": {"expires": 60}},
    "send what is due": {"task": "mailbox.tasks.send_due", "schedule": TICK_SECONDS, "options": {"expires": 60}},
    "act on many": {"task": "mailbox.tasks.act_on_many_due", "schedule": TICK_SECONDS, "options": {"expires": 60}},
    "import what was uploaded": {
        "task": "mailbox.tasks.take_in_due",
        "schedule": TICK_SECONDS,
        "options": {"expires": 60},
    },
    "push what is due": {"task": "mailbox.tasks.push_due", "schedule": TICK_SECONDS, "options": {"expires": 60}},
    "wake what has slept": {"task": "mailbox.tasks.wake_due", "schedule": TICK_SECONDS, "options": {"expires": 60}},
    "empty trash and spam": {"task": "mailbox.tasks.empty_due", "schedule": 600.0, "options": {"expires": 600}},
    "delete who asked for it": {"task": "mailbox.tasks.depart_due", "schedule": 600.0, "options": {"expires": 600}},
    "pack mail": {"task": "mailbox.tasks.pack_due", "schedule": 60.0, "options": {"expires": 60}},
    "forget sign-ins": {"task": "mailbox.tasks.forget_grants", "schedule": 60.0, "options": {"expires": 60}},
    "leave lists": {"task": "mailbox.tasks.leave_due", "schedule": 60.0, "options": {"expires": 60}},
    "keep house": {"task": "mailbox.tasks.housekeeping", "schedule": 3600.0, "options": {"expires": 3600}},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"

# Who signs in --------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "accounts.backends.ByName",
    "accounts.backends.ByNameOrAddress",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_CHANGE_EMAIL = True
# A stranger's address gets no mail from here.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Guesses are counted per address and per name (threat 13); tests that sign in often raise the first limit. A wrong
# code counts as a failed sign-in of its person.
ACCOUNT_RATE_LIMITS = {
    "login_failed": env.str("LOGIN_FAILED_RATE", default="10/m/ip,5/5m/key"),
    "reset_password": "10/m/ip,3/10m/key",
    "reset_password_from_key": "20/m/ip",
    "reauthenticate": "10/m/user",
}
# How long after he has proved that it is he a person may see to secrets, security and deletion, in seconds.
CONFIRMED_SECONDS = env.int("CONFIRMED_SECONDS", default=900)
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24
# The proxy in front of us writes the address of whoever asks into X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_PROXY)
MFA_ADAPTER = "accounts.factors.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_FORMS = {
    "activate_totp": "accounts.forms.codes.FirstCodeForm",
    "add_webauthn": "accounts.forms.passkey.PasskeyForm",
    "authenticate": "accounts.forms.codes.SignInCodeForm",
    "reauthenticate": "accounts.forms.codes.ConfirmingCodeForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TRUST_ENABLED = True
MFA_TRUST_COOKIE_AGE = 60 * 60 * 24 * 30
# The code of the half minute before and after too: clocks differ.
MFA_TOTP_TOLERANCE = 1
# People are added by the operator: nobody locks the owner of an address out by signing up with it.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Without HTTPS only http://localhost can have passkeys; the browser sees to that.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
MFA_RATE_LIMITS = {"webauthn_login": "20/m/ip"}
# Sign-in through a server of the operator's that speaks OpenID Connect, beside names and passwords.
OIDC_URL = env.str("OIDC_URL", default="")
if OIDC_URL:
    # The form of the button leads there, and browsers look at where an answer to a form sends them.
    SECURE_CSP["form-action"].append("{0.scheme}://{0.netloc}".format(urlsplit(OIDC_URL)))
OIDC_NAME = env.str("OIDC_NAME", default="OpenID")
OIDC_ADDS_PEOPLE = env.bool("OIDC_ADDS_PEOPLE", default=False)
SOCIALACCOUNT_ADAPTER = "accounts.elsewhere.ElsewhereAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "oidc",
                "name": OIDC_NAME,
                "client_id": env.str("OIDC_CLIENT_ID", default=""),
                "secret": env.str("OIDC_SECRET", default=""),
                "settings": {"server_url": OIDC_URL, "oauth_pkce_enabled": True},
            }
        ]
        if OIDC_URL
        else []
    }
}
# Whoever has proved an address there is the person who has it here.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
# Signing in to mail accounts at their provider, by clients that the operator registers there (docs/oauth.md).
GOOGLE_CLIENT_ID = env.str("GOOGLE_CLIENT_ID", default="")
GOOGLE_CLIENT_SECRET = env.str("GOOGLE_CLIENT_SECRET", default="")
MICROSOFT_CLIENT_ID = env.str("MICROSOFT_CLIENT_ID", default="")
MICROSOFT_CLIENT_SECRET = env.str("MICROSOFT_CLIENT_SECRET", default="")
MICROSOFT_TENANT = env.str("MICROSOFT_TENANT", default="common")
# Tests put the address of a server of their own here. Never read from the environment: it would be given the tokens.
OAUTH_STAND_IN = ""
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "inbox"

# Words and times -----------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ja", _("Japanese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "webmail.formats"
TIME_ZONE = env.str("TIME_ZONE", default="UTC")

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.str("STATIC_ROOT", default=str(DATA_DIR / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "webmail.storage.BundledStorage"
    },
}
WHITENOISE_MAX_AGE = 3600

# What Letterbox itself writes: a new password's link, notices, invitations. Empty: it writes nothing.
_email_url = env.str("EMAIL_URL", default="")
MAILERS = mailers(_email_url)
WRITES_LETTERS = bool(_email_url)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"letterbox@{HOSTNAME}")

# Mail ----------------------------------------------------------------------------------------------------------------

# The largest message that is pulled, received or sent, in octets.
MESSAGE_OCTETS_LIMIT = env.int("MESSAGE_OCTETS_LIMIT", default=50 * 2**20)
# The largest file that can be attached, in octets; base64 makes it a third larger on its way.
ATTACHMENT_OCTETS_LIMIT = env.int("ATTACHMENT_OCTETS_LIMIT", default=25 * 2**20)
# The largest file of mail that can be uploaded, and how much an archive may hold once it is unpacked, in octets.
IMPORT_OCTETS_LIMIT = env.int("IMPORT_OCTETS_LIMIT", default=50 * 2**30)
# Megabytes of mail that a person may keep, unless the panel gives him another number; 0: no limit.
QUOTA_MB = env.int("QUOTA_MB", default=0)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
FILE_UPLOAD_TEMP_DIR = None
# Hosts in private networks that people may name as their mail servers in the browser (threat 22).
PRIVATE_HOSTS = env.list("PRIVATE_HOSTS", default=[])
# Web servers in private networks that images in mail may come from: whatever a stranger's mail names there is asked.
PRIVATE_WEB_HOSTS = env.list("PRIVATE_WEB_HOSTS", default=[])
# Push services in private networks, also without TLS: whatever a signed-in browser names there is asked.
PRIVATE_PUSH_HOSTS = env.list("PRIVATE_PUSH_HOSTS", default=[])
# Where the servers of an address are looked for: what its own domain says, and the public database of providers (empty:
# not asked). {domain} and {address} are put in, the address only where the line is protected.
AUTOCONFIG_URLS = env.list(
    "AUTOCONFIG_URLS",
    default=[
        "https://autoconfig.{domain}/mail/config-v1.1.xml?emailaddress={address}",
        "https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml",
        "http://autoconfig.{domain}/mail/config-v1.1.xml",
    ],
)
ISPDB_URL = env.str("ISPDB_URL", default="https://autoconfig.thunderbird.net/v1.1/{domain}")
# The name server to ask for MX and SRV records, as host:port; empty: that of the machine.
DNS_SERVER = env.str("DNS_SERVER", default="")
# Octets of remote images that are kept for the next reader; the oldest go first.
REMOTE_IMAGES_OCTETS_LIMIT = env.int("REMOTE_IMAGES_OCTETS_LIMIT", default=200 * 2**20)
SMTPD_HOST = env.str("SMTPD_HOST", default="127.0.0.1")
SMTPD_PORT = env.int("SMTPD_PORT", default=2525)
POP3D_HOST = env.str("POP3D_HOST", default="127.0.0.1")
POP3D_PORT = env.int("POP3D_PORT", default=2110)
# PEM files with which the embedded mail servers offer TLS; empty: they offer none.
MAIL_TLS_CERTIFICATE = env.str("MAIL_TLS_CERTIFICATE", default="")
MAIL_TLS_KEY = env.str("MAIL_TLS_KEY", default="")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "mailbox": {"level": env.str("MAIL_LOG_LEVEL", default="INFO")},
        # aiosmtpd's own, which writes addresses at INFO.
        "mail.log": {"level": "WARNING"},
    },
}
