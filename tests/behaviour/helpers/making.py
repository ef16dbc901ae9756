"""Steps that most scenarios need, in terms of the client alone."""

import hashlib
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from uuid import uuid4

import attrs
import httpx
import pytest

from itwin_imodels import IModelsClient, NotFound
from itwin_imodels.models import Changeset, CreatedChangeset, IModel, StorageLink
from tests.behaviour.helpers.control import tls
