"""JavaScript libraries that draw outputs, from the Python packages that bring them along: nothing is fetched.

A saved output asks a server of its library for it, and the page asks nobody. The packages are found, not imported.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

BUNDLE_SECONDS = 120  # to put Vega together, once for each of its versions on a machine

_PLOTLY = ("package_data/plotly.min.js",)
_BOKEH = tuple(f"server/static/js/{name}.min.js" for name in ("bokeh", "bokeh-widgets", "bokeh-tables"))
_LOADER = """
window.require ??= Object.assign((names, then) => then(...names.map(() => Plotly)), { config() {}, undef() {} });
window.requirejs ??= window.require;
"""
_BUNDLE = "import sys, vl_convert; sys.stdout.buffer.write(vl_convert.javascript_bundle().encode())"
_SCRIPT_END = re.compile(r"</(?=script)|<(?=!--)", re.IGNORECASE)


class Missing(Exception):  # noqa: N818 - no mistake of anybody
    """No installed package brings a library; the message says what to do."""


@dataclass(frozen=True)
class Library:
    """A JavaScript library.

    Attributes:
        name: what frames call it.
        asked: matches the addresses that outputs fetch it from.
        used: matches a script that needs it.
        banner: stands in the library itself; an output that has it brings its own.
        read: returns its source, or raises `Missing`.
    """

    name: str
    asked: re.Pattern[str]
    used: re.Pattern[str]
    banner: str
    read: Callable[[], str]

    def part(self) -> str:
        """Return the script element that defines it, for the beginning of a document.

        Raises:
            Missing: no installed package brings it.
        """
        return f"<script>{within_script(self.read())}</script>"


def within_script(source: str) -> str:
    """Return JavaScript as it may stand in a script element, which it could otherwise end."""
    return _SCRIPT_END.sub(lambda found: found[0] + "\\" if found[0] == "<" else "<\\/", source)


def _packaged(package: str, files: tuple[str, ...]) -> str:
    """Return the source of a library that is a file of a Python package."""
    found = find_spec(package)
    folders = list(found.submodule_search_locations or ()) if found else []
    with suppress(FileNotFoundError):
        if folders:
            return "\n".join(Path(folders[0], file).read_text("utf-8") for file in files)
    raise Missing(
        f"This output is drawn by a script of {package}, which is not installed where this page was made. "
        f"Install it there: pip install {package}"
    )


def _plotly() -> str:
    """Return plotly.js, and what stands in for the loader by which older outputs ask for it."""
    return _packaged("plotly", _PLOTLY) + _LOADER


def _vega() -> str:
    """Return Vega, Vega-Lite and Vega-Embed, put together once and kept."""
    if not find_spec("vl_convert"):
        raise Missing(
            "This output is drawn by scripts of Vega, and no package that is installed where this page was made "
            "brings them along. Install them there: pip install vl-convert-python"
        )
    kept = _cache() / f"vega-{metadata.version('vl-convert-python')}.js"
    with suppress(OSError, UnicodeDecodeError):
        return kept.read_text("utf-8")
    source = _bundled()
    with suppress(OSError):  # no folder to keep it in: the next page puts it together again
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = kept.with_name(f"{kept.name}.{os.getpid()}")
        draft.write_text(source, "utf-8")
        draft.replace(kept)
    return source


def _bundled() -> str:
    """Have Vega put together by vl-convert, in a process of its own: it takes seconds and 150 MB."""
    command = [sys.executable, "-c", _BUNDLE]
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=BUNDLE_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", None) or b"").decode("utf-8", "replace").strip().splitlines()
        raise Missing(
            "This output is drawn by scripts of Vega, which vl-convert-python did not give: "
            f"{said[-1] if said else error}. Install another version of it."
        ) from error
    return done.stdout.decode("utf-8")


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "assetbook"


PLOTLY = Library(
    "plotly",
    asked=re.compile(r"//cdn\.plot\.ly/|/plotly(?:\.js)?(?:-[\w.-]+)?[@/.]"),
    used=re.compile(r"\bPlotly\.(?:newPlot|react|plot)\("),
    banner="* plotly.js v",
    read=_plotly,
)
BOKEH = Library(
    "bokeh",
    asked=re.compile(r"//cdn\.bokeh\.org/|/bokehjs?[@/]"),
    used=re.compile(r"\bBokeh\.(?:embed|safely)\b|\broot\.Bokeh\b"),
    banner="Anaconda, Inc., and Bokeh Contributors",
    read=partial(_packaged, "bokeh", _BOKEH),
)
VEGA = Library(
    "vega",
    asked=re.compile(r"/(?:npm|ajax/libs)/vega(?:-lite|-embed)?[@/]"),
    used=re.compile(r"\bvegaEmbed\("),
    banner="window.vegaEmbed=",
    read=_vega,
)
LIBRARIES = (PLOTLY, BOKEH, VEGA)
# what an output asks for besides, and does without
OPTIONAL = re.compile(r"mathjax|/require(?:\.min)?\.js|es6-promise", re.IGNORECASE)
