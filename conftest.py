"""The tests run the source, whatever `make compiled` has made: they replace parts of modules."""

import os

os.environ["DIACHISO_COMPILED"] = "0"
