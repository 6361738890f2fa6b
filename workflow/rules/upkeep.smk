# Commands that look after the results: hold them against their records, say what a config takes, empty the cache.


rule clear_cache:
    log:
        "logs/clear_cache.log",
    localrule: True
    params:
        **stage("upkeep.clear_cache", results="results"),
    shell:
        TOLD


rule verify:
    log:
        "logs/verify.log",
    localrule: True
    params:
        **stage("upkeep.verify", snakefile=WORKFLOW / "Snakefile", settings=given),
    shell:
        TOLD


rule estimate:
    log:
        "logs/estimate.log",
    localrule: True
    params:
        **stage(
            "upkeep.estimate",
            snakefile=WORKFLOW / "Snakefile",
            cores=workflow.resource_settings.cores or os.cpu_count(),
            settings=given,
        ),
    shell:
        TOLD
