"""Record HTTP once, replay it forever, know the night it stops being true."""

__version__ = "0.1.0"
