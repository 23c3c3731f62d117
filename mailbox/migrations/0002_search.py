"""The search index, which is no model: each database has its own kind, and both hold the same tokens."""

from django.db import migrations

_CREATE = {
    # The tokens come cut and folded (mailbox/mime/tokens.py); "ascii" splits them at spaces and changes nothing else.
    "sqlite": [
        "CREATE VIRTUAL TABLE mailbox_search USING fts5(account, people, subject, body, tokenize = 'ascii')",
    ],
    # No foreign key: a TRUNCATE of the messages would stumble over it, and stray rows match no message.
    "postgresql": [
        "CREATE TABLE mailbox_search (message_id bigint PRIMARY KEY, document tsvector NOT NULL)",
        "CREATE INDEX mailbox_search_document ON mailbox_search USING gin (document)",
    ],
}


def create(apps, schema_editor):
    for statement in _CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE mailbox_search")


class Migration(migrations.Migration):
    dependencies = [("mailbox", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
