from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mailbox", "0020_pieces")]

    operations = [
        migrations.AddField("bulkact", "extent", models.JSONField(null=True)),
        migrations.AddField("bulkact", "last_message", models.PositiveBigIntegerField(null=True)),
    ]
