# Training on a feature store, a rule for each kind of training in METHODS; and pruning of what has bottlenecks.

for kind, methods in TRAINED_BY.items():
    first = methods[0]

    rule:
        name:
            f"train_{kind}"
        input:
            **{start: started_from(start) for start in METHODS[first].inputs},
            store=store_of,
            parts=parts_of,
            clips=CLIPS,
        output:
            **made_by(first),
        log:
            log_of(first, "train"),
        wildcard_constraints:
            method=pattern(methods),
            knob=knobs_of(methods),
        resources:
            mem_mb=needed("mem_mb"),
            runtime=needed("minutes"),
            gpu=GPU,
            gpu_mb=gpu_memory,
        params:
            **stage(f"training.{METHODS[first].stage}", settings=settings_of),
        shell:
            STAGE


rule prune:
    input:
        store=store_of,
        parts=parts_of,
        clips=CLIPS,
        naive=started_from("naive"),
        gated=f"{place_of('vib')}/gated.safetensors",
    output:
        pruned=f"{place_of('vib')}/pruned.safetensors",
        size=f"{place_of('vib')}/size.json",
        model=f"{place_of('vib')}/model.safetensors",
        history=f"{place_of('vib')}/finetuning.csv",
        metrics=f"{place_of('vib')}/metrics.json",
    log:
        log_of("vib", "prune"),
    wildcard_constraints:
        method=pattern(TRAINED_BY["vib"]),
        knob=knobs_of(TRAINED_BY["vib"]),
    resources:
        mem_mb=needed("mem_mb"),
        runtime=needed("minutes"),
        gpu=GPU,
        gpu_mb=gpu_memory,
    params:
        **stage("training.prune", settings=prune_settings),
    shell:
        STAGE
