# What the config takes on this machine, in hours and gigabytes.


rule estimate:
    log:
        "logs/estimate.log",
    localrule: True
    params:
        snakefile=f"{workflow.basedir}/Snakefile",
        cores=workflow.resource_settings.cores or os.cpu_count(),
        config=json.dumps(GIVEN),
    shell:
        "python -m vibhar.stages.upkeep.estimate --snakefile {params.snakefile:q} --cores {params.cores}"
        " --settings {params.config:q} 2>&1 | tee {log}"
