"""The settings of a worker that knows the talkers."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS += ["tests.config.talking"]
