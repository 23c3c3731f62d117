from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mailbox', '0019_thrown_away'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='attachment',
            index=models.Index(condition=models.Q(('media_type', 'message/partial')), fields=['message'], name='attachment_piece'),
        ),
    ]
