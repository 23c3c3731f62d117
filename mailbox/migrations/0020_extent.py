from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mailbox", "0019_thrown_away")]

    operations = [
        migrations.AddField("bulkact", "extent", models.JSONField(null=True)),
        migrations.AddField("bulkact", "last_message", models.PositiveBigIntegerField(null=True)),
    ]
