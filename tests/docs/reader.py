"""A reader who does what a page says: writes its files, types its cells into Jupyter, its commands into a terminal."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import start_new_kernel

from tests.docs import scenes, servers
from tests.docs.pages import Block, blocks_of
from tests.docs.shown import difference
from tests.docs.ways import reason, way

PATIENCE = 180
FOLDER = Path("notebooks/flights")  # where the pages put their notebooks
PRELUDE = """
from pathlib import Path
import pandas as pd
from sklearn.dummy import DummyClassifier
import assetbook as ab
from assets.flights import FlightFeatures

features = ab.load("flight_features").dropna(subset=["late"])
X, y, auc = features[["distance"]], features["late"].astype(bool), 0.5
pipeline = DummyClassifier().fit(X, y)
"""  # what the examples of the reference take for granted


class Reader:
    """Somebody in the flights workspace, with one page before them.

    Attributes:
        root: the workspace.
        variables: of the environment.
        first_run: what the first `make run` has said there.
    """

    def __init__(self, root: Path, variables: Mapping[str, str], *, first_run: str) -> None:
        self.root, self.variables, self.first_run = root, dict(variables), first_run
        self._cells: dict[str, list[Block]] = {}
        self._kernels: dict[str, Any] = {}
        self._printed = ""

    def follow(self, page: Path) -> None:
        """Do everything that a page says, and hold what is seen against what it shows."""
        if page != scenes.TUTORIAL and scenes.PUNCTUALITY in page.read_text("utf-8"):
            scenes.tutorial(self)  # a page that speaks of its notebook is read after it
        known = self.assets()
        try:
            self.take(page)
            for block in blocks_of(page):
                if not reason(block):
                    getattr(self, f"_{way(block)}")(block)
            for name in self._cells:
                self.write(name)  # what was broken on the way is mended
            self.make(sorted(self.assets() - known))
        finally:
            for manager, client in self._kernels.values():
                client.stop_channels()
                manager.shutdown_kernel(now=True)

    def take(self, page: Path) -> None:
        """Write the files of a page, and read its notebooks."""
        for block in blocks_of(page):
            if path := block.label("file"):
                (self.root / path).parent.mkdir(parents=True, exist_ok=True)
                (self.root / path).write_text(block.text, "utf-8")
            if name := block.label("notebook"):
                self._cells.setdefault(name, []).append(block)

    def write(self, name: str) -> None:
        """Write a notebook that was read."""
        made = [_as_cell(block) for block in self._cells[name]]
        notebook = nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": _KERNEL})
        nbformat.write(notebook, self.root / FOLDER / f"{name}.ipynb")

    def edit(self, name: str, before: str, after: str) -> None:
        """Change the text of a notebook."""
        file = self.root / FOLDER / f"{name}.ipynb"
        text, old = file.read_text("utf-8"), json.dumps(before)[1:-1]
        assert old in text
        file.write_text(text.replace(old, json.dumps(after)[1:-1], 1), "utf-8")

    # ---- the terminal

    def run(self, command: str, *, fails: bool = False) -> str:
        """Run a command and return what it says."""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.root,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert (done.returncode != 0) == fails, f"{command}\n{done.stdout}"
        return done.stdout.replace(f"{self.root}/", "")

    def assets(self) -> set[str]:
        """Return the names of all assets; none of them is broken."""
        found = json.loads(self.run("assetbook ls --json"))
        assert [asset["problem"] for asset in found if asset["problem"]] == []
        return {asset["asset"] for asset in found}

    def make(self, names: list[str]) -> None:
        """Bring assets up to date."""
        if names:
            self.run(shlex.join(["assetbook", "run", *names]))

    # ---- what is done with a block

    def _file(self, block: Block) -> None:
        """Do nothing: what is made of it is run at the end of the page."""

    def _cell(self, block: Block) -> None:
        """Run a cell as Jupyter does; when another notebook begins, those before it have become assets."""
        name = block.label("notebook")
        assert name
        if block is self._cells[name][0]:
            self._publish(*self._kernels)
            self.write(name)
        if block.language == "markdown":
            return
        self._printed = self._type(name, block.text)

    def _publish(self, *notebooks: str) -> None:
        code = "".join(cell.text for name in notebooks for cell in self._cells.get(name, ()))
        self.make(re.findall(r"ab\.save(?:_model)?\(\s*\"(\w+)\"", code))

    def _example(self, block: Block) -> None:
        name = "example"
        if name not in self._kernels:
            self._type(name, PRELUDE)
        self._type(name, block.text)

    def _output(self, block: Block) -> None:
        assert not (found := difference(block.text, self._printed)), f"{block}\n{found}"

    def _scene(self, block: Block) -> None:
        real = getattr(scenes, str(block.label("scene")))(self)
        assert not (found := difference(block.text, real)), f"{block}\n{found}"

    def _terminal(self, block: Block) -> None:
        if before := block.label("scene"):
            getattr(scenes, before)(self)
        for command, shown in block.commands():
            if servers.is_server(command):
                real = servers.try_out(command, self.root, self.variables)
            else:
                real = self.run(command, fails="fails" in block.labels)
            assert not shown or not (found := difference(shown, real)), f"{block}\n{found}"

    def _script(self, block: Block) -> None:
        file = self.root / "data" / "script.py"
        file.write_text(block.text, "utf-8")
        self.run(f'DAGSTER_HOME="$PWD/data/dagster" PYTHONPATH=. python {file}')

    def _launch(self, block: Block) -> None:
        self.run(f"python {scenes.LAUNCH} {block.label('launch')} {shlex.quote(block.text)}")

    def _settings(self, block: Block) -> None:
        scenes.settings(block.text)

    # ---- Jupyter

    def _type(self, name: str, code: str) -> str:
        """Run code in the kernel of a notebook and return what is shown below it."""
        if name not in self._kernels:
            self._kernels[name] = start_new_kernel(
                kernel_name="python3", cwd=str(self.root / FOLDER), env=self.variables
            )
        shown: list[str] = []
        _, client = self._kernels[name]
        answer = client.execute_interactive(
            code, timeout=PATIENCE, output_hook=lambda m: shown.append(_text(m))
        )
        assert answer["content"]["status"] == "ok", f"{code}\n{''.join(shown)}"
        return "".join(shown)


_KERNEL = {"name": "python3", "display_name": "Python 3"}


def _as_cell(block: Block) -> Any:
    source = block.text.rstrip("\n")
    if block.language == "markdown":
        return nbformat.v4.new_markdown_cell(source)
    metadata = {"tags": ["parameters"]} if "parameters" in block.labels else {}
    return nbformat.v4.new_code_cell(source, metadata=metadata)


def _text(message: Mapping[str, Any]) -> str:
    content = message["content"]
    match message["msg_type"]:
        case "stream":
            return str(content["text"])
        case "execute_result" | "display_data":
            return f"{content['data'].get('text/plain', '')}\n"
        case "error":
            return "\n".join(content["traceback"])
    return ""
