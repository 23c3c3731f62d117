from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0011_audit'),
    ]

    operations = [
        migrations.AddField(
            model_name='mailaccount',
            name='is_team',
            field=models.BooleanField(default=False, verbose_name='team mailbox'),
        ),
        migrations.AddField(
            model_name='membership',
            name='is_hidden',
            field=models.BooleanField(default=False, editable=False),
        ),
    ]
