# What stands in results, held against its records, the code and the config; Snakemake's own notes are not needed.


rule verify:
    log:
        "logs/verify.log",
    localrule: True
    params:
        snakefile=f"{workflow.basedir}/Snakefile",
        config=json.dumps(GIVEN),
    shell:
        "python -m vibhar.stages.upkeep.verify --snakefile {params.snakefile:q} --settings {params.config:q}"
        " 2>&1 | tee {log}"
