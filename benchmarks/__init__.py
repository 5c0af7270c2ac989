"""Benchmarks: what undrift costs, side by side with what it is measured against."""
