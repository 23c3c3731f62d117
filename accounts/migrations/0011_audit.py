
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_people'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('what', models.CharField(choices=[('signed-in', 'signed in'), ('sign-in-failed', 'sign-in failed'), ('signed-out', 'signed out'), ('password', 'password changed'), ('address', 'address changed'), ('factor-added', 'second factor or passkey added'), ('factor-removed', 'second factor or passkey removed'), ('factor-renewed', 'new recovery codes made'), ('account-added', 'account added'), ('account-changed', 'account or its servers changed'), ('account-deleted', 'account deleted'), ('role', 'role given or changed'), ('role-ended', 'role taken away'), ('export', 'mail exported'), ('admin-added', 'added in the panel'), ('admin-changed', 'changed in the panel'), ('admin-deleted', 'deleted in the panel'), ('admin-action', 'action in the panel'), ('keys', 'keys rotated')], max_length=20, verbose_name='what')),
                ('actor_name', models.CharField(blank=True, max_length=150, verbose_name='who')),
                ('address', models.GenericIPAddressField(null=True, verbose_name='from address')),
                ('about', models.CharField(blank=True, max_length=255, verbose_name='on what')),
                ('actor', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
            ],
            options={
                'verbose_name': 'event',
                'verbose_name_plural': 'audit log',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['person', '-id'], name='audit_of_person'), models.Index(condition=models.Q(('actor__isnull', False)), fields=['actor'], name='audit_actor'), models.Index(fields=['at'], name='audit_at')],
            },
        ),
    ]
