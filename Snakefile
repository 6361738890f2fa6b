# From raw videos to the paper's tables and figures. `snakemake --cores 8 all`, or any target by its name.
from snakemake.utils import min_version

min_version("9.25")


configfile: "config.yaml"


# Active only with --software-deployment-method apptainer; otherwise the interpreter that runs Snakemake is used.
container: "docker://python:3.11"


include: "workflow/rules/common.smk"
include: "workflow/rules/settings/data.smk"
include: "workflow/rules/settings/train.smk"
include: "workflow/rules/settings/tables.smk"
include: "workflow/rules/settings/edge.smk"
include: "workflow/rules/keys.smk"
include: "workflow/rules/fetch.smk"
include: "workflow/rules/videos.smk"
include: "workflow/rules/frames.smk"
include: "workflow/rules/flow.smk"
include: "workflow/rules/features.smk"
include: "workflow/rules/imported.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/prune.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/edge.smk"
include: "workflow/rules/provenance.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/cache.smk"
include: "workflow/rules/verify.smk"
include: "workflow/rules/estimate.smk"


onstart:
    check_results()


rule all:
    default_target: True
    input:
        rules.table1.input,
        rules.table2.input,
        rules.table3.input,
        rules.table4.input,
        rules.flow.input,
        rules.pixels.input,
        rules.figure1.input,
        rules.figure2.input,
        rules.figure3.input,
        rules.figure4.input,
        rules.figure5.input,
        rules.pareto.input,
        rules.pi.input,
        rules.curves.input,
        rules.report.input,
