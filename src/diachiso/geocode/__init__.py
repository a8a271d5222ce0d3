"""Text to ranked, explained answers: pure, runs without a database."""
