"""Which files a notebook reads and writes, by the calls of the libraries that do so."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from assetbook.checking.packages import USUAL_NAMES
from assetbook.checking.paths import Paths

if TYPE_CHECKING:
    from assetbook.checking.subject import Subject

FileKind = Literal["read", "write", "connect"]

_LIBRARIES = {
    "pandas", "polars", "numpy", "geopandas", "dask", "duckdb", "cudf", "modin", "xarray", "pyarrow", "vaex", "pyreadr",
    "pyreadstat", "matplotlib", "skimage", "imageio", "cv2", "scipy",
    "PIL", "joblib", "torch", "h5py", "netCDF4", "fiona",
    "rasterio", "librosa", "soundfile", "zipfile", "tarfile", "gzip",
    "bz2", "lzma", "codecs", "io", "openpyxl", "tifffile",
    "nibabel", "pyvista", "shutil", "sqlite3", "dill",
    "cloudpickle", "onnx", "tensorflow", "keras", "plotly", "IPython",
    "sklearn", "databricks", "statsmodels", "builtins", "seaborn", "csv",
}  # fmt: skip
_READS_TEXT = """
    read_csv read_table read_excel read_parquet read_feather read_json read_pickle read_hdf read_fwf read_stata
    read_sas read_spss read_orc read_xml read_ipc read_ndjson read_avro read_delta scan_csv scan_parquet
    scan_ndjson scan_ipc loadtxt genfromtxt fromfile imread open_dataset open_mfdataset open_dataarray read_file
    loadmat load_workbook ExcelFile read_arff loadarff read_image load_svmlight_file open_zarr read_r read_sav
"""
_READS = frozenset(_READS_TEXT.split())
_READING_TEXT = """
    numpy.load joblib.load torch.load PIL.Image.open h5py.File zipfile.ZipFile tarfile.open gzip.open bz2.open
    lzma.open io.open codecs.open librosa.load soundfile.read scipy.io.wavfile.read rasterio.open nibabel.load
    keras.models.load_model tensorflow.keras.models.load_model csv.open netCDF4.Dataset
"""
_READING = frozenset(_READING_TEXT.split())
_WRITE_METHODS_TEXT = """
    to_csv to_parquet to_excel to_json to_pickle to_feather to_hdf to_stata to_orc to_html to_latex to_markdown
    to_xml to_netcdf to_file to_zarr to_gbq write_csv write_parquet write_json write_ndjson write_ipc write_excel
    write_delta sink_csv sink_parquet savefig write_html write_image save_weights write_text write_bytes to_avro
"""
_WRITE_METHODS = frozenset(_WRITE_METHODS_TEXT.split())
_NEEDS_PATH = frozenset(
    {
        "to_csv",
        "to_json",
        "to_html",
        "to_latex",
        "to_markdown",
        "to_xml",
        "write_csv",
        "write_json",
        "write_ndjson",
    }
)  # without one they return the text
_WRITING = {
    "numpy.save": 0, "numpy.savez": 0, "numpy.savez_compressed": 0,
    "numpy.savetxt": 0, "joblib.dump": 1, "torch.save": 1,
    "cv2.imwrite": 0, "matplotlib.pyplot.imsave": 0, "imageio.imwrite": 0, "imageio.imsave": 0, "skimage.io.imsave": 0,
    "pandas.ExcelWriter": 0, "scipy.io.savemat": 0, "scipy.io.wavfile.write": 0, "shutil.copy": 1, "shutil.copyfile": 1,
    "shutil.move": 1, "pyarrow.parquet.write_table": 1, "pyarrow.feather.write_feather": 1, "plotly.offline.plot": 0,
    "soundfile.write": 0, "tensorflow.saved_model.save": 1,
    "pandas.HDFStore": 0, "os.rename": 1, "shutil.make_archive": 0,
    "deltalake.write_deltalake": 0,
}  # fmt: skip
"""Function to the position of the path among its arguments."""
_OPENS = frozenset(
    {
        "open",
        "io.open",
        "codecs.open",
        "gzip.open",
        "bz2.open",
        "lzma.open",
        "zipfile.ZipFile",
        "h5py.File",
        "tarfile.open",
    }
)
_CONNECTS = frozenset({"sqlite3.connect", "duckdb.connect"})
_PATHS = frozenset(
    {
        "filepath_or_buffer", "path", "io", "path_or_buf", "fname", "file", "filename", "fp", "filepath", "source",
        "path_or_buffer", "excel_writer", "buf", "database", "name", "f", "path_or_file", "fileobj", "path_or_handle",
    }
)  # fmt: skip
_TABLE_WRITES = frozenset({"to_sql"})


_SQLITE = "sqlite:///"
_QUERIES = frozenset({"sql", "execute", "query", "from_query"})
_QUERIED = re.compile(r"(?:\b(?:from|join)\s+|\bread_\w+\s*\(\s*)'(?P<path>[^'\n]+)'", re.IGNORECASE)


@dataclass(frozen=True)
class FileUse:
    """A call that reads or writes a file.

    Attributes:
        kind: ``connect`` opens a database file, which may do both.
        function: how the call is named, such as ``read_csv``.
        call: the call.
        argument: the expression of the path; None where the call has none.
        path: the path, as `Paths.text` tells it; None where only a run can.
    """

    kind: FileKind
    function: str
    call: ast.Call
    argument: ast.expr | None
    path: str | None


def find_files(subject: Subject) -> Iterator[FileUse]:
    """Give the calls of a notebook that read or write files, in the order of its text."""
    paths = Paths(subject)
    for call in subject.calls:
        yield from _of_query(call, subject)
        yield from _of_address(call, subject)
        found = _classify(call, subject)
        if found is None:
            continue
        kind, function, argument = found
        for path in (paths.texts(argument) if argument is not None else ()) or (None,):
            yield FileUse(kind, function, call, argument, path)


def _of_query(call: ast.Call, subject: Subject) -> Iterator[FileUse]:
    """Give the files that a query in DuckDB's SQL reads."""
    if "duckdb" not in subject.imported or not isinstance(call.func, ast.Attribute):
        return
    query = subject.definition(call.args[0]) if call.args and call.func.attr in _QUERIES else None
    if isinstance(query, ast.Constant) and isinstance(query.value, str):
        for found in _QUERIED.finditer(query.value):
            yield FileUse("read", call.func.attr, call, query, found["path"])


def _of_address(call: ast.Call, subject: Subject) -> Iterator[FileUse]:
    """Give the file of an address such as ``sqlite:///shop.db``."""
    if subject.origin(call.func) != "sqlalchemy.create_engine" or not call.args:
        return
    address = subject.definition(call.args[0])
    text = address.value if isinstance(address, ast.Constant) else ""
    if isinstance(text, str) and text.startswith(_SQLITE) and text != _SQLITE:
        yield FileUse("connect", "create_engine", call, call.args[0], text.removeprefix(_SQLITE))


def _classify(call: ast.Call, subject: Subject) -> tuple[FileKind, str, ast.expr | None] | None:
    origin = _origin(call.func, subject)
    library, _, _ = origin.partition(".")
    name = origin.rpartition(".")[2] or (call.func.attr if isinstance(call.func, ast.Attribute) else "")
    if origin in _CONNECTS:
        return "connect", origin, _argument(call, 0)
    if origin in _OPENS:
        return "write" if _is_writing(call) else "read", name, _argument(call, 0)
    if origin in _WRITING:
        return "write", origin, _argument(call, _WRITING[origin])
    if origin in _READING or (library in _LIBRARIES and name in _READS):
        return "read", name, _argument(call, 0)
    if isinstance(call.func, ast.Attribute) and not origin.startswith("assetbook."):
        return _method(call, call.func, subject)
    return None


def _method(
    call: ast.Call, function: ast.Attribute, subject: Subject
) -> tuple[FileKind, str, ast.expr | None] | None:
    name = function.attr
    if name in _WRITE_METHODS:
        own = name in ("write_text", "write_bytes")  # of a path, which comes before the point
        argument = function.value if own else _argument(call, 0)
        if argument is None and name in _NEEDS_PATH:
            return None
        return "write", name, argument
    if name in _TABLE_WRITES:
        return "write", name, _argument(call, 1)
    if name in ("read_text", "read_bytes") and not call.args:
        return "read", name, function.value
    if name == "open" and _is_path(function.value, subject):
        return "write" if _is_writing(call, position=0) else "read", "open", function.value
    if name == "save" and call.args and _has_suffix(call.args[0]):
        return "write", name, call.args[0]
    return None


def _origin(function: ast.expr, subject: Subject) -> str:
    """Return the dotted name of a function; of ``pd.…`` also where pandas is not imported."""
    origin = subject.origin(function)
    if origin:
        return origin
    if isinstance(function, ast.Name):
        return function.id if function.id == "open" else ""
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        usual = USUAL_NAMES.get(function.value.id)
        if usual and not subject.bindings.of_notebook(function.value.id):
            return f"{usual}.{function.attr}"
    return ""


def _argument(call: ast.Call, position: int) -> ast.expr | None:
    if len(call.args) > position and not any(isinstance(item, ast.Starred) for item in call.args):
        return call.args[position]
    return next((keyword.value for keyword in call.keywords if keyword.arg in _PATHS), None)


def _is_writing(call: ast.Call, *, position: int = 1) -> bool:
    mode = next((keyword.value for keyword in call.keywords if keyword.arg == "mode"), None)
    if mode is None and len(call.args) > position:
        mode = call.args[position]
    return (
        isinstance(mode, ast.Constant) and isinstance(mode.value, str) and bool(set(mode.value) & set("wax+"))
    )


def _is_path(node: ast.expr, subject: Subject) -> bool:
    """Whether an expression is a ``pathlib.Path``."""
    node = subject.definition(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _is_path(node.left, subject)
    return isinstance(node, ast.Call) and subject.origin(node.func).startswith("pathlib.")


def _has_suffix(node: ast.expr) -> bool:
    text = node.value if isinstance(node, ast.Constant) else None
    return isinstance(text, str) and "." in text.rpartition("/")[2].strip(".")
