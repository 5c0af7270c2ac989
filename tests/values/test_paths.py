"""Folders that were made for one run, as paths and messages name them."""

from __future__ import annotations

import pytest

from undrift.values import Relation, relate

CHANCE = [
    ("/private/tmp/tmpx7k2m9qa/db.sqlite", "/private/tmp/tmpl0p4r8sd/db.sqlite"),
    ("/srv/state/shop-1.2-day1-xzfsez5o/zoo.db", "/srv/state/shop-1.2-day2-ml54u1fd/zoo.db"),
    ("/var/folders/ab/lisaoxqa/T/x", "/var/folders/ab/8p1qni_e/T/x"),
    ("C:\\Temp\\run-x7k2m9\\a.txt", "C:\\Temp\\run-l0p4r8\\a.txt"),
    ("/private/tmp/report_x7k2m9qa.pdf", "/private/tmp/report_l0p4r8sd.pdf"),
    ("No file '/private/tmp/run-lisaoxqa/a' at 23:46:02", "No file '/private/tmp/run-8p1qni_e/a' at 23:46:09"),
]
VALUE = [
    ("/usr/lib/python3.11/site.py", "/usr/lib/python3.12/site.py"),
    ("/srv/state/blue/zoo.db", "/srv/state/green/zoo.db"),
    ("/private/tmp/tmpx7k2m9qa/db.sqlite", "/private/tmp/tmpl0p4r8sd/other.sqlite"),
    ("/private/tmp/tmpx7k2m9qa/db.sqlite", "/private/tmp/tmpl0p4r8sd/a/db.sqlite"),
    ("/private/tmp/tmpx7k2m9qa and /private/tmp/b", "/private/tmp/tmpl0p4r8sd"),
    ("/private/tmp/blue-x7k2m9q", "/private/tmp/green.x7"),
    ("/home/annabell/x", "/home/robertas/x"),
]


@pytest.mark.parametrize(("stored", "fresh"), CHANCE)
def test_a_folder_of_one_run(stored: str, fresh: str) -> None:
    assert relate(stored, fresh, "path").relation is Relation.CHANCE


@pytest.mark.parametrize(("stored", "fresh"), VALUE)
def test_another_folder(stored: str, fresh: str) -> None:
    assert relate(stored, fresh, "path").relation is Relation.VALUE
