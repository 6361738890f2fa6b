# What the commands of upkeep are given, and what happens before and after a run.

# The shell command of a stage whose words the user waits for.
TOLD = "{params.command} 2>&1 | tee {log}"


def given(wildcards):
    """The config as the user has given it, as JSON in the user's own order."""
    return json.dumps(GIVEN)


def check_results():
    """Raise WorkflowError where nothing can be written; a dry run writes nothing."""
    if Path("results").exists() and not os.access("results", os.W_OK):
        raise WorkflowError(
            f"{Path('results').resolve()} cannot be written. Give this user the permission, mount its disk for writing,"
            " or make `results` a link to a folder that can be written. Nothing has been changed."
        )


# The server's imports take as long as those of two jobs; they pay where many jobs follow.
MANY_JOBS = 12


def start_server():
    """Let the jobs of this machine fork from a process that has their imports done, where there are many."""
    if workflow.local_exec and len([*workflow.dag.needrun_jobs()]) >= MANY_JOBS:
        start(Path(".snakemake"))


def trim_cache():
    """Keep to the limit; what this run needs stays in any case."""
    removed = trim(Path("results"), config["cache"]["gigabytes"] * 1e9, USED)
    if removed:
        gone = sum(entry.bytes for entry in removed) / 1e9
        logger.info(f"{gone:.2f} GB of older flow and features left the cache.")
