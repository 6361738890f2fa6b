"""The same config gives the same bytes, whatever runs beside what."""

import pytest

from tests.workflow.conftest import Workflow

TABLE = "results/default/tables/pareto.csv"


@pytest.mark.parametrize("cores", [1, 8])
def test_the_number_of_jobs_at_a_time_changes_no_byte(finished: Workflow, workflow: Workflow, cores: int) -> None:
    done = workflow.call("--cores", str(cores), TABLE)
    assert done.returncode == 0, done.stdout + done.stderr
    made = [str(path.relative_to(workflow.folder)) for path in workflow.folder.glob("results/**/metrics.json")]
    assert made
    for path in [TABLE, *made]:
        assert (workflow.folder / path).read_bytes() == (finished.folder / path).read_bytes(), path
