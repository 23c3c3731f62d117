"""The settings under test, with everything they write in a temporary folder of this process."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_folder = tempfile.mkdtemp(prefix="letterbox-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)

# Where it has no folder, WhiteNoise warns at every request.
Path(_folder, "static").mkdir()

# A developer's own .env must not decide whether a test passes.
os.environ["ENV_FILE"] = os.devnull
os.environ["DATA_DIR"] = _folder
os.environ.setdefault("DATABASE_URL", f"sqlite:///{_folder}/letterbox.sqlite3")

from webmail.settings import *  # noqa: E402, F403
from webmail.settings import DATABASES, STORAGES  # noqa: E402

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, as in real life: a database in memory has other locks, and threads of one test share it badly.
    DATABASES["default"]["TEST"] = {"NAME": f"{_folder}/test.sqlite3"}
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"

# The manifest of static files exists after collectstatic only; the running site is tested with it.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# Tests change FIELD_KEYS, which a file of keys would outweigh.
FIELD_KEYS_FILE = None
# Argon2 is slow by design, and nearly every test signs somebody in.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
