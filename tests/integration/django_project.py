"""A Django project in as few lines as there can be: only its settings, which each test says anew."""

from __future__ import annotations

from django.conf import settings

if not settings.configured:
    settings.configure(
        EMAIL_BACKEND="eilbote.adapters.django.EmailBackend",
        DEFAULT_FROM_EMAIL="shop@example.org",
        USE_TZ=True,
        USE_I18N=False,
    )
