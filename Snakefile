# `snakemake` finds this file in the repository's root; the workflow itself is workflow/Snakefile.
include: "workflow/Snakefile"
