"""The settings of the site that browsers visit: the real ones, with an agent type to operate."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

INSTALLED_APPS += ["tests.journeys"]
