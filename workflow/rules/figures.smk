# The figures. Each is a target of its own: `snakemake --cores 8 figure5`.


rule make_pixels:
    input:
        metrics=runs("table1", "naive", "vib"),
        models=pixels_models,
        store=f"results/{config['table1']['datasets'][0]}/features/{config['table1']['cnn']}.npy",
        clips=f"results/{config['table1']['datasets'][0]}/clips.parquet",
    output:
        png=f"{EXPERIMENT}/figures/pixels.png",
        pdf=f"{EXPERIMENT}/figures/pixels.pdf",
    log:
        f"logs/{config['experiment']}/pixels.log",
    localrule: True
    params:
        settings=pixels_settings,
        code=code("results.pixels"),
    shell:
        "python -m vibhar.stages.results.pixels --metrics {input.metrics:q} --models {input.models:q}"
        " --store {input.store:q} --clips {input.clips:q} --png {output.png:q} --pdf {output.pdf:q}"
        " --settings {params.settings:q} > {log} 2>&1"


rule pixels:
    input:
        rules.make_pixels.output,
        explained(rules.make_pixels.output.png),


rule make_figure1:
    input:
        gated=trained_cell,
    output:
        png=f"{EXPERIMENT}/figures/figure1.png",
        pdf=f"{EXPERIMENT}/figures/figure1.pdf",
    log:
        f"logs/{config['experiment']}/figure1.log",
    localrule: True
    params:
        threshold=cell_threshold,
        code=code("results.figure1"),
    shell:
        "python -m vibhar.stages.results.figure1 --gated {input.gated:q} --png {output.png:q} --pdf {output.pdf:q}"
        " --threshold {params.threshold} > {log} 2>&1"


rule figure1:
    input:
        rules.make_figure1.output,
        explained(rules.make_figure1.output.png),


rule make_figure2:
    input:
        metrics=runs("figure2", "naive", "vib"),
    output:
        png=f"{EXPERIMENT}/figures/figure2.png",
        pdf=f"{EXPERIMENT}/figures/figure2.pdf",
    log:
        f"logs/{config['experiment']}/figure2.log",
    localrule: True
    params:
        settings=figure2_settings,
        code=code("results.figure2"),
    shell:
        "python -m vibhar.stages.results.figure2 --metrics {input.metrics:q} --png {output.png:q} --pdf {output.pdf:q}"
        " --settings {params.settings:q} > {log} 2>&1"


rule figure2:
    input:
        rules.make_figure2.output,
        explained(rules.make_figure2.output.png),


rule make_figure3:
    input:
        table=rules.make_table2.output.csv,
    output:
        png=f"{EXPERIMENT}/figures/figure3.png",
        pdf=f"{EXPERIMENT}/figures/figure3.pdf",
    log:
        f"logs/{config['experiment']}/figure3.log",
    localrule: True
    params:
        code=code("results.figure3"),
    shell:
        "python -m vibhar.stages.results.figure3 --table {input.table:q} --png {output.png:q} --pdf {output.pdf:q}"
        " > {log} 2>&1"


rule figure3:
    input:
        rules.make_figure3.output,
        explained(rules.make_figure3.output.png),


rule make_figure4:
    input:
        metrics=runs("figure4", "naive", "small", "vib"),
    output:
        png=f"{EXPERIMENT}/figures/figure4.png",
        pdf=f"{EXPERIMENT}/figures/figure4.pdf",
    log:
        f"logs/{config['experiment']}/figure4.log",
    localrule: True
    params:
        settings=figure4_settings,
        code=code("results.figure4"),
    shell:
        "python -m vibhar.stages.results.figure4 --metrics {input.metrics:q} --png {output.png:q} --pdf {output.pdf:q}"
        " --settings {params.settings:q} > {log} 2>&1"


rule figure4:
    input:
        rules.make_figure4.output,
        explained(rules.make_figure4.output.png),


rule make_figure5:
    input:
        metrics=runs("figure5", "naive", "vib"),
    output:
        png=f"{EXPERIMENT}/figures/figure5.png",
        pdf=f"{EXPERIMENT}/figures/figure5.pdf",
    log:
        f"logs/{config['experiment']}/figure5.log",
    localrule: True
    params:
        settings=figure5_settings,
        code=code("results.figure5"),
    shell:
        "python -m vibhar.stages.results.figure5 --metrics {input.metrics:q} --png {output.png:q} --pdf {output.pdf:q}"
        " --settings {params.settings:q} > {log} 2>&1"


rule figure5:
    input:
        rules.make_figure5.output,
        explained(rules.make_figure5.output.png),


rule make_pareto:
    input:
        metrics=runs("pareto", "naive", "small", "vib", "vib_target", "iss", "vib_iss"),
    output:
        csv=f"{EXPERIMENT}/tables/pareto.csv",
        png=f"{EXPERIMENT}/figures/pareto.png",
        pdf=f"{EXPERIMENT}/figures/pareto.pdf",
    log:
        f"logs/{config['experiment']}/pareto.log",
    localrule: True
    params:
        code=code("results.pareto"),
    shell:
        "python -m vibhar.stages.results.pareto --metrics {input.metrics:q} --csv {output.csv:q}"
        " --png {output.png:q} --pdf {output.pdf:q} > {log} 2>&1"


rule pareto:
    input:
        rules.make_pareto.output,
        explained(rules.make_pareto.output.png),


rule make_curves:
    input:
        histories=histories,
    output:
        png=f"{EXPERIMENT}/figures/curves.png",
        pdf=f"{EXPERIMENT}/figures/curves.pdf",
    log:
        f"logs/{config['experiment']}/curves.log",
    localrule: True
    params:
        code=code("results.curves"),
    shell:
        "python -m vibhar.stages.results.curves --histories {input.histories:q}"
        " --png {output.png:q} --pdf {output.pdf:q} > {log} 2>&1"


rule curves:
    input:
        rules.make_curves.output,
        explained(rules.make_curves.output.png),


rule make_contact_sheet:
    input:
        listing="results/{dataset}/listing.parquet",
        decoded=first_decoded,
    output:
        png=f"{EXPERIMENT}/figures/flow_{{dataset}}.png",
        pdf=f"{EXPERIMENT}/figures/flow_{{dataset}}.pdf",
    log:
        f"logs/{config['experiment']}/flow_{{dataset}}.log",
    params:
        root=root_of,
        settings=flow_settings,
        code=code("results.contact_sheet"),
    shell:
        "python -m vibhar.stages.results.contact_sheet --listing {input.listing:q} --decoded {input.decoded:q}"
        " --root {params.root:q} --png {output.png:q} --pdf {output.pdf:q}"
        " --settings {params.settings:q} > {log} 2>&1"


rule flow:
    input:
        expand(
            [
                rules.make_contact_sheet.output.png,
                explained(rules.make_contact_sheet.output.png),
            ],
            dataset=sorted(datasets_with_flow(config)),
        ),
