"""The test suites of pytest-recording and vcrpy, run with undrift in their place."""
