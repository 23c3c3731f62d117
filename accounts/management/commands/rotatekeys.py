"""Replace the key that encrypts stored passwords, tokens and second factors."""

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import audit
from accounts.fields import current_keys
from accounts.rotation import Tally, reencrypt
from webmail.keys import write_field_keys


class Command(BaseCommand):
    help = "Encrypt every stored secret by a new key. May be interrupted and repeated. Then: rotatekeys --drop-old."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--drop-old", action="store_true", help="forget the old keys, once nothing needs them")

    def handle(self, *_: Any, drop_old: bool, **__: Any) -> None:
        if drop_old:
            self._drop_old(current_keys())
            return
        keys = self._keys()
        if keys:
            self._tell(reencrypt(keys), keys)

    def _keys(self) -> tuple[str, ...]:
        """Return the keys with a new one in front; the same ones where a rotation was begun before.

        () where they stand in the environment, and the operator has to put the new one there first.
        """
        keys = current_keys()
        if len(keys) > 1:
            return keys
        keys = (Fernet.generate_key().decode("ascii"), *keys)
        if settings.FIELD_KEYS_FILE is None:
            self.stdout.write("Set this in the environment of every process, start them again, and repeat rotatekeys:")
            self.stdout.write(f"FIELD_KEYS={','.join(keys)}")
            return ()
        write_field_keys(settings.FIELD_KEYS_FILE, keys)
        self.stdout.write(f"A new key stands first in {settings.FIELD_KEYS_FILE}.")
        return keys

    def _tell(self, tally: Tally, keys: tuple[str, ...]) -> None:
        audit.note(audit.What.KEYS, about=f"{tally.renewed} secrets encrypted anew")
        self.stdout.write(f"{tally.renewed} secrets encrypted anew, {tally.current} were already.")
        if tally.unreadable:
            self.stdout.write(f"{tally.unreadable} cannot be read by any key, and stay as they are.")
        if len(keys) > 1:
            self.stdout.write("Backups made before now need the old key. When it may go: rotatekeys --drop-old")

    def _drop_old(self, keys: tuple[str, ...]) -> None:
        if len(keys) == 1:
            self.stdout.write("There is one key only. Nothing was changed.")
            return
        if left := reencrypt(keys, is_dry=True).renewed:
            raise CommandError(f"{left} secrets still need an old key. Run rotatekeys first. Nothing was changed.")
        if settings.FIELD_KEYS_FILE is None:
            self.stdout.write("Nothing needs the old keys. Leave the first of FIELD_KEYS alone in the environment.")
            return
        write_field_keys(settings.FIELD_KEYS_FILE, keys[:1])
        audit.note(audit.What.KEYS, about="old keys dropped")
        self.stdout.write(f"The old keys are gone from {settings.FIELD_KEYS_FILE}.")
