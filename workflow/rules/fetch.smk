# The real datasets, from their own pages to data/. No part of `all`: `snakemake --cores 1 fetch_ucf101` and so on.


rule fetch_archive:
    output:
        directory("data/{source}/{folder}"),
    log:
        "logs/fetch/{source}-{folder}.log",
    wildcard_constraints:
        source="|".join(SOURCES),
        folder="|".join(folder for folders in SOURCES.values() for folder in folders),
    localrule: True
    params:
        settings=source_settings,
    shell:
        "python -m vibhar.stages.data.fetch --folder {output:q} --settings {params.settings:q} > {log} 2>&1"


rule fetch_ucf11:
    input:
        expand("data/ucf11/{folder}", folder=SOURCES["ucf11"]),
    localrule: True


rule fetch_hmdb51:
    input:
        expand("data/hmdb51/{folder}", folder=SOURCES["hmdb51"]),
    localrule: True


rule fetch_ucf101:
    input:
        expand("data/ucf101/{folder}", folder=SOURCES["ucf101"]),
    localrule: True
