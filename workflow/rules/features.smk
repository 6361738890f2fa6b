# CNN features of the sampled frames or their flow: weights once, features by shards, a store for a dataset and a CNN.


rule prepare_weights:
    input:
        weights_file,
    output:
        trunk="results/cnns/{cnn}/trunk.safetensors",
        description="results/cnns/{cnn}/trunk.json",
    log:
        "logs/cnns/{cnn}.log",
    wildcard_constraints:
        cnn=TRUNKS,
    priority: 10  # wrong weights should be known before any clip is decoded
    retries: 2
    threads: 2
    resources:
        mem_mb=growing(1500),
        runtime=growing(240),
    params:
        settings=weights_settings,
        code=code("features.weights"),
    shell:
        "python -m vibhar.stages.features.weights --trunk {output.trunk:q} --description {output.description:q}"
        " --settings {params.settings:q} > {log} 2>&1"


rule extract_features:
    input:
        pictures=shown,
        decoded=decoded,
        trunk="results/cnns/{cnn}/trunk.safetensors",
    output:
        "results/{dataset}/features/{cnn}/{shard}-of-{shards}-{key}.npy",
    log:
        "logs/{dataset}/features/{cnn}-{shard}-of-{shards}-{key}.log",
    wildcard_constraints:
        key=uncached("features"),
    resources:
        mem_mb=growing(2000),
        runtime=growing(240),
        gpu=GPU,
        gpu_mb=GPU * 4000,
    params:
        settings=features_settings,
        code=code("features.features"),
    shell:
        "python -m vibhar.stages.features.features --pictures {input.pictures:q} --decoded {input.decoded:q}"
        " --trunk {input.trunk:q} --features {output:q} --settings {params.settings:q} > {log} 2>&1"


rule build_store:
    input:
        shards=all_features,
        decoded=all_decoded,
        clips="results/{dataset}/clips.parquet",
    output:
        "results/{dataset}/features/{cnn}.npy",
    log:
        "logs/{dataset}/features/{cnn}.log",
    wildcard_constraints:
        dataset=VIDEOS,
        cnn=TRUNKS,
    params:
        code=code("features.store"),
    shell:
        "python -m vibhar.stages.features.store --shards {input.shards:q} --decoded {input.decoded:q}"
        " --clips {input.clips:q} --store {output:q} > {log} 2>&1"


rule fuse_features:
    input:
        fused("results/{dataset}/features/{cnn}.npy"),
    output:
        "results/{dataset}/features/{cnn}.npy",
    log:
        "logs/{dataset}/features/{cnn}.log",
    wildcard_constraints:
        cnn=FUSED,
    params:
        code=code("features.fuse"),
    shell:
        "python -m vibhar.stages.features.fuse --stores {input:q} --store {output:q} > {log} 2>&1"


rule describe_fused:
    input:
        fused("results/cnns/{cnn}/trunk.json"),
    output:
        description="results/cnns/{cnn}/trunk.json",
    log:
        "logs/cnns/{cnn}.log",
    wildcard_constraints:
        cnn=FUSED,
    localrule: True
    params:
        code=code("features.describe_fused"),
    shell:
        "python -m vibhar.stages.features.describe_fused --descriptions {input:q}"
        " --description {output.description:q} > {log} 2>&1"
