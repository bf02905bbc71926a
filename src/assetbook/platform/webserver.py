"""Dagster's web server, with notebooks as our pages: readable, and unable to act on Dagster.

Dagster's own ``/notebook`` shows any notebook of the machine as a page of its own origin: a script in an output could
launch runs. Here it shows those of the workspace, in a sandbox. ``/mlflow/runs`` leads on to MLflow's own
interface, and ``/catalogue`` shows the pages that `assetbook docs` has built.
"""

from __future__ import annotations

import html as entities
import json
import os
from base64 import b64decode
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from urllib.request import urlopen

from dagster_webserver import app as dagster_app
from dagster_webserver.cli import main as serve
from dagster_webserver.webserver import DagsterWebserver
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from assetbook.contract.reader import read_contract
from assetbook.errors import AssetbookError, ContractError
from assetbook.execute import html
from assetbook.forms import IPYNB, is_notebook
from assetbook.platform.dev import keep_variables
from assetbook.record import HTML, NOTEBOOK
from assetbook.settings import Settings

if TYPE_CHECKING:
    from starlette.requests import Request

MLFLOW_UI = "ASSETBOOK_MLFLOW_UI"  # the variable that says where MLflow's interface is
CATALOGUE = Path("docs/catalogue")
STYLE = "td img { max-width: min(100%, 28rem); height: auto }"
_PATIENCE = 10  # seconds for MLflow
# an origin of its own that shares nothing with Dagster's: a script of the page runs, but cannot ask it anything
SANDBOX = "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox allow-downloads"


class Webserver(DagsterWebserver):  # type: ignore[type-arg]
    """Dagster's, for one workspace."""

    settings: Settings

    def build_routes(self) -> list[Any]:
        """Return Dagster's routes with ours before them."""
        own = [
            Route("/notebook", self.notebook),
            Route("/mlflow/runs/{run_id:str}", self.mlflow_run),
            Mount("/catalogue", _Pages(self.settings.root / CATALOGUE)),
        ]
        prefix = self._app_path_prefix
        return [*([Mount(prefix, routes=own)] if prefix else own), *super().build_routes()]  # type: ignore[no-untyped-call]

    def index_html_endpoint(self, request: Request) -> Response:
        """Serve Dagster's own page, in which a figure that is wider than its place shrinks."""
        answer = super().index_html_endpoint(request)
        page = bytes(answer.body).replace(b"</head>", f"<style>{STYLE}</style></head>".encode(), 1)
        headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
        return HTMLResponse(page, headers=headers)

    async def notebook(self, request: Request) -> Response:
        """Show an executed notebook, the source of one, or one of its figures."""
        path = (self.settings.root / request.query_params.get("path", "")).resolve()
        folders = (self.settings.records, self.settings.root)
        if not any(path.is_relative_to(folder) for folder in folders) or not _may_be_shown(path):
            return _message(f"{path} is no notebook of this workspace.", 403)
        number = request.query_params.get("figure", "")
        try:
            if number.isdecimal():
                return await run_in_threadpool(_figure, path, int(number))
            page = await run_in_threadpool(_page, path, self.settings)
        except FileNotFoundError:
            return _message(f"{path} is not there any more, or not on this machine.", 404)
        except AssetbookError as error:
            return _message(str(error), 500)
        return HTMLResponse(page, headers={"Content-Security-Policy": f"{SANDBOX}; {html.POLICY}"})

    async def mlflow_run(self, request: Request) -> Response:
        """Lead on to a run in MLflow's own interface, which wants to know its experiment as well."""
        place, run_id = os.environ.get(MLFLOW_UI), request.path_params["run_id"]
        if not place:
            return _message(
                f"MLflow's interface, which has the run {run_id}, is started with: assetbook ui", 404
            )
        try:
            asked = f"{place}/api/2.0/mlflow/runs/get?{urlencode({'run_id': run_id})}"
            answer = await run_in_threadpool(urlopen, asked, timeout=_PATIENCE)
            experiment = json.load(answer)["run"]["info"]["experiment_id"]
        except (OSError, ValueError, KeyError) as error:
            return _message(
                f"MLflow at {place} does not know the run {run_id}, or does not answer: {error}", 502
            )
        return RedirectResponse(f"{place}/#/experiments/{experiment}/runs/{run_id}")


class _Pages(StaticFiles):
    """The catalogue; its folder may come later."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=True, check_dir=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not Path(str(self.directory)).is_dir():
            answer = _message("There is no catalogue yet. Build it with: assetbook docs", 404)
            await answer(scope, receive, send)
            return
        await super().__call__(scope, receive, send)


def _may_be_shown(path: Path) -> bool:
    """Whether a file is a notebook; one that is not there any more is told apart later."""
    return path.suffix == IPYNB or is_notebook(path)


def _page(path: Path, settings: Settings) -> str:
    """Return a notebook as a page: the one that its run has left, or one made now."""
    ready = path.with_name(HTML)
    if path.name == NOTEBOOK and ready.is_file():
        return ready.read_text("utf-8")
    if not path.is_file():
        raise FileNotFoundError(path)
    facts = {"source": path.name}
    title = path.stem
    if path.is_relative_to(settings.root):
        facts["source"] = path.relative_to(settings.root).as_posix()
        with suppress(ContractError):  # a file that is no asset may be a notebook all the same
            title = read_contract(path, root=settings.root).title or title
    return html.page(path, title=title, facts=facts)


def _figure(path: Path, number: int) -> Response:
    """Return a picture of an executed notebook, the first one as number 1."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    outputs = (output for cell in cells for output in cell.get("outputs", ()))
    pictures = (output["data"]["image/png"] for output in outputs if "image/png" in output.get("data", {}))
    picture = next(islice(pictures, number - 1, None), None) if number else None
    if picture is None:
        return _message(f"{path} has no figure {number}.", 404)
    text = picture if isinstance(picture, str) else "".join(picture)
    return Response(
        b64decode(text), media_type="image/png", headers={"Content-Security-Policy": "default-src 'none'"}
    )


def _message(text: str, status: int) -> HTMLResponse:
    body = f"<!DOCTYPE html><html lang='en'><title>Assetbook</title><p>{entities.escape(text)}</p></html>"
    return HTMLResponse(body, status)


def main() -> None:
    """Run the web server with the arguments of ``dagster-webserver``, for the workspace around the current folder."""
    keep_variables()
    Webserver.settings = Settings.load()
    dagster_app.DagsterWebserver = Webserver  # type: ignore[attr-defined]
    serve()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
