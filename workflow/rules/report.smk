# Everything on one page, at the end of `all` too.

REPORTED = [
    rules.make_table1.output.csv,
    rules.make_table2.output.csv,
    rules.make_table3.output.csv,
    rules.make_table4.output.csv,
    rules.make_table_pi.output.csv,
    rules.make_pixels.output.png,
    rules.make_figure1.output.png,
    rules.make_figure2.output.png,
    rules.make_figure3.output.png,
    rules.make_figure4.output.png,
    rules.make_figure5.output.png,
    rules.make_figure_pi.output.png,
    rules.make_pareto.output.png,
    rules.make_curves.output.png,
    *expand(
        rules.make_contact_sheet.output.png,
        dataset=sorted(datasets_with_flow(config)),
    ),
]
PAGE = [
    f"{workflow.basedir}/src/vibhar/results/report/{name}"
    for name in ("page.html", "sections.yaml")
]


rule make_report:
    input:
        results=REPORTED,
        parts=rules.make_table_pi.output.parts_csv,
        provenance=[explained(result) for result in REPORTED],
        summaries=expand("results/{dataset}/clips.json", dataset=sorted(DATASETS)),
    output:
        f"{EXPERIMENT}/report.html",
    log:
        f"logs/{config['experiment']}/report.log",
    localrule: True
    params:
        texts=[fingerprint_file(path) for path in PAGE],
        experiment=config["experiment"],
        code=code("results.report"),
    shell:
        "python -m vibhar.stages.results.report --results {input.results:q} {input.parts:q}"
        " --provenance {input.provenance:q} --summaries {input.summaries:q}"
        " --experiment {params.experiment} --page {output:q} > {log} 2>&1"


rule report:
    input:
        rules.make_report.output,
