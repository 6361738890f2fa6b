# What goes to a small device: bundles of the models of Table 2, and their latency there, as in the paper's section 5.5.

EDGE = f"{EXPERIMENT}/edge"

# The programs that go along as they are.
DEVICE = sorted(
    str(path)
    for path in Path(workflow.basedir, "src/vibhar/edge/device").iterdir()
    if path.is_file()
)


rule make_bundle:
    input:
        metrics=edge_runs,
        store=f"results/{EDGE_DATASET}/features/{config['edge']['cnn']}.npy",
        clips=f"results/{EDGE_DATASET}/clips.parquet",
        trunk=edge_trunk,
    output:
        directory(f"{EDGE}/bundles/{{model}}"),
    log:
        f"logs/{config['experiment']}/bundle-{{model}}.log",
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    params:
        settings=bundle_settings,
        programs=[fingerprint_file(path) for path in DEVICE],
        code=code("edge.bundle"),
    shell:
        "python -m vibhar.stages.edge.bundle --metrics {input.metrics:q} --store {input.store:q} --clips {input.clips:q}"
        " --trunk {input.trunk:q} --bundle {output:q} --settings {params.settings:q} > {log} 2>&1"


rule measure_accuracy:
    input:
        bundle=f"{EDGE}/bundles/{{model}}",
        store=f"results/{EDGE_DATASET}/features/{config['edge']['cnn']}.npy",
        clips=f"results/{EDGE_DATASET}/clips.parquet",
    output:
        f"{EDGE}/accuracy/{{model}}.json",
    log:
        f"logs/{config['experiment']}/accuracy-{{model}}.log",
    params:
        settings=accuracy_settings,
        code=code("edge.runtime_accuracy"),
    shell:
        "python -m vibhar.stages.edge.runtime_accuracy --bundle {input.bundle:q} --store {input.store:q}"
        " --clips {input.clips:q} --accuracy {output:q} --settings {params.settings:q} > {log} 2>&1"


rule measure_latency:
    input:
        bundles=expand(f"{EDGE}/bundles/{{model}}", model=[*BUNDLES, "floor"]),
        clips=f"results/{EDGE_DATASET}/clips.parquet",
        videos=edge_videos,
    output:
        f"{EDGE}/latency.json",
    log:
        f"logs/{config['experiment']}/latency.log",
    localrule: True
    threads: 1024  # all that there are: nothing else runs on the machine that is measured
    params:
        root=edge_root,
        settings=latency_settings,
        code=code("edge.latency"),
    shell:
        "python -m vibhar.stages.edge.latency --bundles {input.bundles:q} --clips {input.clips:q} --root {params.root:q}"
        " --latency {output:q} --settings {params.settings:q} > {log} 2>&1"


rule make_table_pi:
    input:
        bundles=expand(f"{EDGE}/bundles/{{model}}", model=BUNDLES),
        accuracies=expand(f"{EDGE}/accuracy/{{model}}.json", model=BUNDLES),
        trunk=f"results/cnns/{config['edge']['cnn']}/trunk.json",
        latency=rules.measure_latency.output,
        summary=f"results/{EDGE_DATASET}/clips.json",
    output:
        csv=f"{EXPERIMENT}/tables/table_pi.csv",
        markdown=f"{EXPERIMENT}/tables/table_pi.md",
        latex=f"{EXPERIMENT}/tables/table_pi.tex",
        parts_csv=f"{EXPERIMENT}/tables/table_pi_parts.csv",
        parts_markdown=f"{EXPERIMENT}/tables/table_pi_parts.md",
        parts_latex=f"{EXPERIMENT}/tables/table_pi_parts.tex",
    log:
        f"logs/{config['experiment']}/table_pi.log",
    localrule: True
    params:
        settings=table_pi_settings,
        code=code("edge.table_pi"),
    shell:
        "python -m vibhar.stages.edge.table_pi --bundles {input.bundles:q} --accuracies {input.accuracies:q}"
        " --trunk {input.trunk:q} --latency {input.latency:q} --summary {input.summary:q}"
        " --csv {output.csv:q} --markdown {output.markdown:q}"
        " --latex {output.latex:q} --parts-csv {output.parts_csv:q} --parts-markdown {output.parts_markdown:q}"
        " --parts-latex {output.parts_latex:q}"
        " --settings {params.settings:q} > {log} 2>&1"


rule make_figure_pi:
    input:
        bundles=rules.measure_latency.input.bundles,
        latency=rules.measure_latency.output,
    output:
        png=f"{EXPERIMENT}/figures/figure_pi.png",
        pdf=f"{EXPERIMENT}/figures/figure_pi.pdf",
    log:
        f"logs/{config['experiment']}/figure_pi.log",
    localrule: True
    params:
        code=code("edge.figure_pi"),
    shell:
        "python -m vibhar.stages.edge.figure_pi --bundles {input.bundles:q} --latency {input.latency:q}"
        " --png {output.png:q} --pdf {output.pdf:q} > {log} 2>&1"


rule pi:
    input:
        rules.make_table_pi.output,
        explained(rules.make_table_pi.output.csv),
        explained(rules.make_figure_pi.output.png),
        rules.make_figure_pi.output,
