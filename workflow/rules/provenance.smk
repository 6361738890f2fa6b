# Where each table and each figure comes from, beside it.

SUFFIXES = {"tables": ".csv", "figures": ".png"}


rule make_provenance:
    input:
        lambda wildcards: f"{EXPERIMENT}/{wildcards.kind}/{wildcards.name}{SUFFIXES[wildcards.kind]}",
    output:
        f"{EXPERIMENT}/{{kind}}/{{name}}.provenance.json",
    log:
        f"logs/{config['experiment']}/{{kind}}-{{name}}.provenance.log",
    wildcard_constraints:
        kind="tables|figures",
    localrule: True
    params:
        code=code("results.provenance"),
    shell:
        "python -m vibhar.stages.results.provenance --result {input:q} --provenance {output:q} > {log} 2>&1"
