"""Text to ranked, explained answers: pure, runs without a database."""

from diachiso.geocode.inner import compiled_path

__path__ = compiled_path(__path__)
