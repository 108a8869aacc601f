from django.apps import AppConfig


class OperatorsConfig(AppConfig):
    """The doors through which operators reach agents; what they do there is agents_core's."""

    name = "operators"
    default_auto_field = "django.db.models.BigAutoField"
