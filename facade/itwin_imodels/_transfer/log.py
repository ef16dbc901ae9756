"""The log of transfers. URLs are shown without their query, which contains the signature."""

import logging

LOGGER = logging.getLogger("itwin_imodels.transfer")
