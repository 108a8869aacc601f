"""The settings of the site that browsers visit: the real ones, with an agent type to operate."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS, VAR_DIR

INSTALLED_APPS += ["tests.journeys"]
# where the tests themselves put what agents keep
MEDIA_ROOT = VAR_DIR / "test-media"
