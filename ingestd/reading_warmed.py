"""What only the process imports that workers are forked from: it reads a first time, so that they need not."""

import os

from ingestd.reading_pool import inherit

inherit(os.environ)
