"""The Django project."""

# Loaded with Django, so that tasks find the application.
from webmail.celery import app as celery_app

__all__ = ["celery_app"]
