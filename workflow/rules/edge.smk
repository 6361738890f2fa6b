# What goes to a small device: bundles of the models of Table 2, and their latency there, as in the paper's section 5.5.


rule make_bundle:
    input:
        metrics=edge_runs,
        store=EDGE_STORE,
        parts=EDGE_PARTS,
        clips=EDGE_CLIPS,
        trunk=edge_trunk,
    output:
        bundle=directory(BUNDLE),
    log:
        f"{LOGS}/bundle-{{model}}.log",
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    params:
        **stage("edge.bundle", settings=bundle_settings),
        programs=[fingerprint_file(path) for path in PROGRAMS],
    shell:
        STAGE


rule measure_accuracy:
    input:
        bundle=BUNDLE,
        store=EDGE_STORE,
        parts=EDGE_PARTS,
        clips=EDGE_CLIPS,
    output:
        accuracy=f"{EDGE}/accuracy/{{model}}.json",
    log:
        f"{LOGS}/accuracy-{{model}}.log",
    params:
        **stage("edge.runtime_accuracy", settings=accuracy_settings),
    shell:
        STAGE


rule measure_latency:
    input:
        bundles=expand(BUNDLE, model=[*BUNDLES, "floor"]),
        clips=EDGE_CLIPS,
        videos=edge_videos,
    output:
        latency=f"{EDGE}/latency.json",
    log:
        f"{LOGS}/latency.log",
    localrule: True
    threads: 1024  # all that there are: nothing else runs on the machine that is measured
    params:
        **stage("edge.latency", root=edge_root, settings=latency_settings),
    shell:
        STAGE


rule make_table_pi:
    input:
        bundles=expand(BUNDLE, model=BUNDLES),
        accuracies=expand(f"{EDGE}/accuracy/{{model}}.json", model=BUNDLES),
        trunk=f"results/cnns/{config['edge']['cnn']}/trunk.json",
        latency=rules.measure_latency.output,
        summary=f"results/{EDGE_DATASET}/clips.json",
    output:
        **TABLE_PI,
        **PARTS,
    log:
        f"{LOGS}/table_pi.log",
    localrule: True
    params:
        **stage("edge.table_pi", settings=table_pi_settings),
    shell:
        STAGE


rule make_figure_pi:
    input:
        bundles=rules.measure_latency.input.bundles,
        latency=rules.measure_latency.output,
    output:
        **FIGURE_PI,
    log:
        f"{LOGS}/figure_pi.log",
    localrule: True
    params:
        **stage("edge.figure_pi"),
    shell:
        STAGE


rule pi:
    input:
        rules.make_table_pi.output,
        rules.make_figure_pi.output,
        explained(TABLE_PI["csv"]),
        explained(FIGURE_PI["png"]),
    localrule: True
