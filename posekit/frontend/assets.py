"""The front end's files: for a page as they are, for a widget as one script, joined without a bundler."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from posekit.frontend.shared import look_css, shared_js

_FOLDER = Path(__file__).parent

#: What a page may load: the type of each file by its name.
FILES = {
    path.name: {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}[path.suffix]
    for path in sorted([*_FOLDER.iterdir(), _FOLDER / "shared.js"])
    if path.suffix in (".js", ".css", ".svg")
}

_IMPORT = re.compile(r'^import (.+?) from "\./(\w+)\.js";\n', re.M | re.S)
_NAMES = re.compile(r"\{\s*(\w+(?:,\s*\w+)*),?\s*\}")
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const) (\w+))", re.M)
_DECLARATION = re.compile(r"^(?:async function\*?|function\*?|class|const|let|var)\b *(\w*)", re.M)


def text(file: str) -> str:
    """The content of one of `FILES` as a page loads it."""
    if file == "shared.js":
        return shared_js()
    content = (_FOLDER / file).read_text("utf-8")
    return look_css() + content if file == "base.css" else content


def css(*names: str) -> str:
    """One style sheet made of several files, named without `.css`."""
    return "\n".join(text(f"{name}.css") for name in names)


def modules(name: str) -> list[str]:
    """The modules that `name` needs, each after those that it imports; `name` comes last."""
    return list(_ordered(name, []))


def exports(name: str) -> list[str]:
    """The names that a module exports."""
    return _EXPORT.findall(text(f"{name}.js"))


def bundle(name: str) -> str:
    """A widget's front end as one ES module, since it is sent as text, which cannot import its neighbours.

    Args:
        name: a file in this folder, without `.js`; it has the `export default`.

    Raises:
        ValueError: a module has an import or export in a form that is not supported here, imports a name that its neighbour does
            not export, or declares a name that another module declares, too.
    """
    declared: dict[str, str] = {}
    parts = []
    for each in modules(name):
        code = _joined(each, last=each == name)
        for declaration in _DECLARATION.findall(code):
            if not declaration:
                raise ValueError(f"{each}.js declares by a pattern, which is not understood here; write one name at a time")
            if declaration in declared:
                raise ValueError(f"{each}.js declares {declaration}, which {declared[declaration]}.js declares, too")
            declared[declaration] = each
        parts.append(code)
    return "\n".join(parts)


def _joined(name: str, *, last: bool) -> str:
    """A module's code without its imports and without the word `export`."""
    code = text(f"{name}.js")
    for clause, source in _IMPORT.findall(code):
        names = _NAMES.fullmatch(clause)
        missing = set(re.findall(r"\w+", names[1])) - set(exports(source)) if names else {clause}
        if missing:
            raise ValueError(f"{name}.js imports {', '.join(sorted(missing))}, which {source}.js does not export by name")
    code = _EXPORT.sub("", _IMPORT.sub("", code))
    left = [line for line in re.findall(r"^(?:import|export)\b.*", code, re.M) if not (last and line.startswith("export default "))]
    if left or re.search(r"\bimport\(", code):
        raise ValueError(f"{name}.js cannot be joined with others: {left[0] if left else 'import()'}")
    return code


def _ordered(name: str, above: list[str]) -> Iterator[str]:
    if name in above:
        raise ValueError(f"these modules import each other: {' → '.join([*above, name])}")
    seen = set()
    for _, source in _IMPORT.findall(text(f"{name}.js")):
        for each in _ordered(source, [*above, name]):
            if each not in seen:
                seen.add(each)
                yield each
    yield name
