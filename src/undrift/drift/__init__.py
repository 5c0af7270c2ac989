"""Drift: two lists of interactions and the evidence in, findings out."""
