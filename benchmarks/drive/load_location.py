"""Loads the code location of the file that is named, to the serialized snapshot that Dagster's webserver asks for."""

import os
import sys

from dagster._core.definitions.reconstruct import ReconstructableRepository
from dagster._core.remote_representation.external_data import RepositorySnap
from dagster._serdes import serialize_value

file = sys.argv[1]
location = ReconstructableRepository.for_file(file, "defs", os.path.dirname(file))  # noqa: PTH120
serialize_value(RepositorySnap.from_def(location.get_definition(), defer_snapshots=True))
