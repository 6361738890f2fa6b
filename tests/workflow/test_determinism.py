"""The same config gives the same bytes, whatever runs beside what."""

from tests.workflow.conftest import Workflow

TABLE = "results/default/tables/pareto.csv"


def test_eight_jobs_at_a_time_give_the_bytes_of_two(finished: Workflow, workflow: Workflow) -> None:
    done = workflow.call("--cores", "8", TABLE)
    assert done.returncode == 0, done.stdout + done.stderr
    made = [str(path.relative_to(workflow.folder)) for path in workflow.folder.glob("results/**/metrics.json")]
    assert made
    for path in [TABLE, *made]:
        assert (workflow.folder / path).read_bytes() == (finished.folder / path).read_bytes(), path
