"""How PostgreSQL keeps what is long: octets are compressed already, and its own way to compress words is slow."""

from django.db import migrations

_STORE = [
    "ALTER TABLE mailbox_original ALTER COLUMN compressed SET STORAGE EXTERNAL",
    # Words wait for the index in a list that every search reads through: 16 MB of it take milliseconds.
    "ALTER INDEX mailbox_search_document SET (gin_pending_list_limit = 16384)",
]
# A server may be built without lz4.
_KNOWS_LZ4 = "SELECT 1 FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)"
_COMPRESS = "ALTER TABLE mailbox_search ALTER COLUMN document SET COMPRESSION lz4"


def store(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_KNOWS_LZ4)
        found = cursor.fetchall()
    for statement in [*_STORE, *([_COMPRESS] if found else [])]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("mailbox", "0006_thumbnails")]
    operations = [migrations.RunPython(store, migrations.RunPython.noop)]
