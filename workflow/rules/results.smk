# The tables, the figures and the report. Each is a target of its own: `snakemake --cores 8 table2`.


for name, result in RESULT.items():

    rule:
        name:
            f"make_{name}"
        input:
            **result.reads,
        output:
            **result.makes,
        log:
            f"{LOGS}/{name}.log",
        localrule: True
        params:
            **stage(f"results.{name}", **result.given),
        shell:
            STAGE

    rule:
        name:
            name
        input:
            result.makes.values(),
            explained([*result.makes.values()][-1]),
        localrule: True


rule make_contact_sheet:
    input:
        listing="results/{dataset}/listing.parquet",
        decoded=first_decoded,
    output:
        **SHEET,
    log:
        f"{LOGS}/flow_{{dataset}}.log",
    params:
        **stage("results.contact_sheet", root=root_of, settings=flow_settings),
    shell:
        STAGE


rule flow:
    input:
        SHEETS,
        map(explained, SHEETS),
    localrule: True


rule make_provenance:
    input:
        result=provenance_of,
    output:
        provenance=f"{EXPERIMENT}/{{kind}}/{{name}}.provenance.json",
    log:
        f"{LOGS}/{{kind}}-{{name}}.provenance.log",
    wildcard_constraints:
        kind="tables|figures",
    localrule: True
    params:
        **stage("results.provenance"),
    shell:
        STAGE


rule make_report:
    input:
        results=[*REPORTED, PARTS["parts_csv"]],
        provenance=[*map(explained, REPORTED)],
        summaries=expand("results/{dataset}/clips.json", dataset=sorted(DATASETS)),
    output:
        page=f"{EXPERIMENT}/report.html",
    log:
        f"{LOGS}/report.log",
    localrule: True
    params:
        **stage("results.report", experiment=config["experiment"]),
        texts=[fingerprint_file(path) for path in PAGE],
    shell:
        STAGE


rule report:
    input:
        rules.make_report.output,
    localrule: True
