"""The tree of nodes, with either of PyYAML's parsers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from undrift.errors import CassetteUnreadableError
from undrift.store.codec import Source

SOURCE = Path(__file__).parents[2] / "src"
PATH = Path("x.yaml")


def test_a_refusal_names_the_file_and_the_line_of_a_node() -> None:
    source = Source("a: 1\nb:\n  - c\n", PATH)
    node = source.mapping(source.root, "The file")["b"]

    with pytest.raises(CassetteUnreadableError, match=r"^x.yaml: line 3: It is odd\. Repair the file"):
        source.fail("It is odd", source.items(node, "`b`")[0])


def test_a_mapping_gives_its_nodes_by_name() -> None:
    source = Source("{a: x, 1: y, ~: z}", PATH)

    nodes = source.mapping(source.root, "The file")

    assert {name: source.text(node, "A value") for name, node in nodes.items()} == {"a": "x", "1": "y", "": "z"}


@pytest.mark.parametrize("depth", [99, 101, 1000, 200_000])
@pytest.mark.parametrize("signs", ["[]", "{}"])
def test_nesting_is_bounded(depth: int, signs: str) -> None:
    opening, closing = signs[0], signs[1]
    text = "a: " + (opening + ("a: " if signs == "{}" else "")) * (depth - 1) + closing * (depth - 1)

    if depth < 100:
        assert Source(text, PATH).root is not None
    else:
        with pytest.raises(CassetteUnreadableError, match="nested too deeply"):
            Source(text, PATH)


def test_without_libyaml_the_same_is_read(tmp_path: Path) -> None:
    """PyYAML may come without its C parser; then the Python one has the same bounds."""
    code = f"""
import sys
sys.path.insert(0, {str(SOURCE)!r})
import yaml
del yaml.CSafeLoader
from pathlib import Path
from undrift.errors import CassetteUnreadableError
from undrift.store import loads
from undrift.store.codec import Source, _Loader
assert issubclass(_Loader, yaml.SafeLoader)
text = '''undrift: {{format: 1}}
interactions:
- request: {{method: GET, uri: h, body: !!binary aGk=, headers: {{A: [b, 1]}}}}
  response: {{status: {{code: 200, message: OK}}, headers: {{}}, body: {{string: "x"}}}}
'''
print(loads(text, Path("x.yaml")).interactions[0].request.body)
for broken in ("[" * 5000, "a: !mine x", "a: [", "a: \\x07", 'a: "\\\\ud800"'):
    try:
        Source(broken, Path("x.yaml")).root
        print("read")
    except CassetteUnreadableError as error:
        print(error.line)
"""
    script = tmp_path / "script.py"
    script.write_text(code)

    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)

    assert done.stdout.split("\n")[:-1] == ["b'hi'", "1", "1", "1", "1", "read"], done.stderr
