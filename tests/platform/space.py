"""A workspace's definitions on one temporary Dagster instance, as tests use them."""

from __future__ import annotations

from typing import Any

import dagster as dg

from assetbook.lake import Lake
from assetbook.platform.definitions import Linked
from assetbook.platform.workspace import Workspace


class Space:
    """A workspace's definitions on one temporary Dagster instance."""

    def __init__(self, root: Any, instance: dg.DagsterInstance) -> None:
        self.root, self.instance = root, instance
        self.reload()

    def reload(self) -> None:
        """Read the workspace again."""
        self.linked = Linked(Workspace.load(self.root))
        self.defs = self.linked.definitions()
        self.settings = self.linked.workspace.settings
        self.lake = Lake(self.settings.lake)

    def run(self, *names: str, partition: str | None = None, config: dict[str, Any] | None = None) -> Any:
        """Materialize assets in one Dagster run and return its result."""
        job = self.defs.resolve_implicit_global_asset_job_def()
        return job.execute_in_process(
            instance=self.instance,
            asset_selection=[dg.AssetKey(name) for name in names] or None,
            partition_key=partition,
            run_config={
                "ops": {op: {"config": values} for op, values in (config or {}).items()},
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
            raise_on_error=False,
        )

    def latest(self, name: str) -> dg.AssetMaterialization:
        """Return the last materialization of an asset."""
        event = self.instance.get_latest_materialization_event(dg.AssetKey(name))
        assert event is not None
        assert event.asset_materialization is not None
        return event.asset_materialization


def failure_of(result: Any) -> str:
    """Return the description of the failure of a run's only failed step."""
    (event,) = [e for e in result.all_events if e.event_type is dg.DagsterEventType.STEP_FAILURE]
    data = event.step_failure_data
    return str(data.user_failure_data.description if data.user_failure_data else data.error.to_string())
