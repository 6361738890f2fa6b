# The tables. Each is a target of its own: `snakemake --cores 8 table2`.


rule make_table1:
    input:
        metrics=runs("table1", *TABLE1),
        summaries=expand(
            "results/{dataset}/clips.json", dataset=config["table1"]["datasets"]
        ),
        trunk=f"results/cnns/{config['table1']['cnn']}/trunk.json",
    output:
        csv=f"{EXPERIMENT}/tables/table1.csv",
        markdown=f"{EXPERIMENT}/tables/table1.md",
        latex=f"{EXPERIMENT}/tables/table1.tex",
    log:
        f"logs/{config['experiment']}/table1.log",
    localrule: True
    params:
        settings=table1_settings,
        code=code("results.table1"),
    shell:
        "python -m vibhar.stages.results.table1 --metrics {input.metrics:q} --summaries {input.summaries:q}"
        " --trunk {input.trunk:q} --csv {output.csv:q} --markdown {output.markdown:q}"
        " --latex {output.latex:q}"
        " --settings {params.settings:q} > {log} 2>&1"


rule table1:
    input:
        rules.make_table1.output,
        explained(rules.make_table1.output.csv),


rule make_table2:
    input:
        metrics=runs(
            "table2", "naive", *config["table2"]["tensorized"], "iss", "vib", "vib_iss"
        ),
        second_metrics=runs("table2", "naive", "vib", cnn="second_cnn"),
        compared=comparison_runs("table2"),
        summaries=expand(
            "results/{dataset}/clips.json", dataset=config["table2"]["datasets"]
        ),
        trunks=expand("results/cnns/{cnn}/trunk.json", cnn=cnns_of(config, "table2")),
    output:
        csv=f"{EXPERIMENT}/tables/table2.csv",
        markdown=f"{EXPERIMENT}/tables/table2.md",
        latex=f"{EXPERIMENT}/tables/table2.tex",
    log:
        f"logs/{config['experiment']}/table2.log",
    localrule: True
    params:
        settings=table2_settings,
        code=code("results.table2"),
    shell:
        "python -m vibhar.stages.results.table2 --metrics {input.metrics:q}"
        " --second-metrics {input.second_metrics:q} --compared {input.compared:q} --summaries {input.summaries:q}"
        " --trunks {input.trunks:q} --csv {output.csv:q} --markdown {output.markdown:q}"
        " --latex {output.latex:q}"
        " --settings {params.settings:q} > {log} 2>&1"


rule table2:
    input:
        rules.make_table2.output,
        explained(rules.make_table2.output.csv),


rule make_table3:
    input:
        metrics=runs("table3", *TABLE3),
        compared=comparison_runs("table3"),
        summaries=expand(
            "results/{dataset}/clips.json", dataset=config["table3"]["datasets"]
        ),
        trunks=expand("results/cnns/{cnn}/trunk.json", cnn=cnns_of(config, "table3")),
    output:
        csv=f"{EXPERIMENT}/tables/table3.csv",
        markdown=f"{EXPERIMENT}/tables/table3.md",
        latex=f"{EXPERIMENT}/tables/table3.tex",
    log:
        f"logs/{config['experiment']}/table3.log",
    localrule: True
    params:
        settings=table3_settings,
        code=code("results.table3"),
    shell:
        "python -m vibhar.stages.results.table3 --metrics {input.metrics:q} --compared {input.compared:q}"
        " --summaries {input.summaries:q} --trunks {input.trunks:q} --csv {output.csv:q}"
        " --markdown {output.markdown:q} --latex {output.latex:q}"
        " --settings {params.settings:q} > {log} 2>&1"


rule table3:
    input:
        rules.make_table3.output,
        explained(rules.make_table3.output.csv),


rule make_table4:
    input:
        metrics=runs(
            "table4",
            "naive",
            "vib_input",
            "vib_hidden",
            "vib",
            "kept_inputs",
            "random_inputs",
            "frame_mean",
        ),
        summaries=expand(
            "results/{dataset}/clips.json", dataset=config["table4"]["datasets"]
        ),
        trunk=f"results/cnns/{config['table4']['cnn']}/trunk.json",
    output:
        csv=f"{EXPERIMENT}/tables/table4.csv",
        markdown=f"{EXPERIMENT}/tables/table4.md",
        latex=f"{EXPERIMENT}/tables/table4.tex",
    log:
        f"logs/{config['experiment']}/table4.log",
    localrule: True
    params:
        settings=table4_settings,
        code=code("results.table4"),
    shell:
        "python -m vibhar.stages.results.table4 --metrics {input.metrics:q} --summaries {input.summaries:q}"
        " --trunk {input.trunk:q} --csv {output.csv:q} --markdown {output.markdown:q}"
        " --latex {output.latex:q}"
        " --settings {params.settings:q} > {log} 2>&1"


rule table4:
    input:
        rules.make_table4.output,
        explained(rules.make_table4.output.csv),
