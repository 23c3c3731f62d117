
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_appearance'),
        ('mailbox', '0023_mail_import'),
    ]

    operations = [
        migrations.CreateModel(
            name='PullHour',
            fields=[
                ('hour', models.DateTimeField(primary_key=True, serialize=False)),
                ('pull_count', models.PositiveIntegerField(default=0)),
                ('failure_count', models.PositiveIntegerField(default=0)),
                ('retrieved_count', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='StorageUsed',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('octets_count', models.PositiveBigIntegerField()),
                ('message_count', models.PositiveIntegerField()),
                ('counted_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['-octets_count'], name='storage_most')],
            },
        ),
    ]
