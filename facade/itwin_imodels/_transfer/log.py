"""The log of transfers. Addresses are shown without their query, which holds the signature."""

import logging

LOGGER = logging.getLogger("itwin_imodels.transfer")
