"""What people look at: pages of notebooks, Dagster's pages of 200 assets, and the catalogue of them."""

from __future__ import annotations

import socket

from benchmarks.bench import Bench
from benchmarks.groups.many import SHOWN, cells, plain_assets
from benchmarks.locations import Location, ours
from benchmarks.notebooks import real_cells
from benchmarks.processes import OURS, command

SIZE = 200
NAME = "n7"  # the asset that is looked at


def pages(bench: Bench) -> None:
    """The page of an executed notebook, against nbconvert's own."""
    bench.report.title("pages: an executed notebook as a page")
    place = ours(bench.folder / "space", {"a": real_cells(bench.folder)})
    command([OURS.parent / "assetbook", "run"], environment=bench.environment(), folder=place.root)()
    notebook = next((place.root / "data" / "records").rglob("notebook.ipynb"))
    mine, peer = bench.driver("drive_pages", OURS), bench.driver("drive_pages", OURS)
    times = bench.measure(
        {
            "ours": bench.ask(mine, "ours", notebook=notebook),
            "nbconvert's": bench.ask(peer, "nbconvert", notebook=notebook),
        }
    )
    times.ratio("pages/nbconvert", "ours", "nbconvert's")


def pages200(bench: Bench) -> None:
    """Dagster's pages of 200 notebook assets, against those of 200 plain ones; and the catalogue."""
    bench.report.title(f"pages200: {SIZE} assets in a browser")
    many = ours(bench.folder / "many", {f"n{number}": cells(number) for number in range(SIZE)}, outputs=SHOWN)
    assetbook = OURS.parent / "assetbook"
    bench.report.note("running them for the first time")
    command([assetbook, "run"], environment=bench.environment(), folder=many.root)()
    plain = plain_assets(bench.folder / "plain", SIZE)
    browser = bench.driver("drive_pages", OURS)
    own, theirs = _serve_ours(bench, many), _serve_plain(bench, plain)
    catalogue = bench.folder / "catalogue"
    build = command(
        [assetbook, "docs", "--out", catalogue], environment=bench.environment(), folder=many.root
    )
    build()
    index = (catalogue / "index.html").as_uri()
    times = bench.measure(
        {
            "graph, notebooks": bench.ask(browser, "show", url=f"{own}/asset-groups", text=NAME),
            "graph, plain": bench.ask(browser, "show", url=f"{theirs}/asset-groups", text=NAME),
            "asset, notebook": bench.ask(browser, "show", url=f"{own}/assets/{NAME}", text="preview"),
            "asset, plain": bench.ask(
                browser, "show", url=f"{theirs}/assets/{NAME}", text="Never materialized"
            ),
            "catalogue, opened": bench.ask(browser, "show", url=index, text=NAME),
            "catalogue, built": build,
        }
    )
    times.ratio("pages200/graph", "graph, notebooks", "graph, plain")
    times.ratio("pages200/asset", "asset, notebook", "asset, plain")
    times.figure("ms", "pages200/catalogue_open", "catalogue, opened")
    times.figure("seconds", "pages200/catalogue_build", "catalogue, built")


def _serve_ours(bench: Bench, location: Location) -> str:
    return _serve(bench, location, OURS.parent / "assetbook", "ui", "--port")


def _serve_plain(bench: Bench, location: Location) -> str:
    return _serve(bench, location, OURS, "-m", "dagster", "dev", "-f", location.file, "-p")


def _serve(bench: Bench, location: Location, *words: object) -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    home = {"DAGSTER_HOME": str(location.home)}
    bench.server([*words, port], folder=location.root, url=f"{url}/server_info", **home)
    return url
