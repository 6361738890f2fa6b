# CNN features of the frames or the flow: weights once, features by shards, one store for a dataset and a CNN.


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
        **stage("features.weights", settings=weights_settings),
    shell:
        STAGE


rule extract_features:
    input:
        pictures=shown,
        decoded=decoded,
        trunk="results/cnns/{cnn}/trunk.safetensors",
    output:
        features="results/{dataset}/features/{cnn}/{shard}-of-{shards}-{key}.npy",
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
        **stage("features.features", settings=features_settings),
    shell:
        STAGE


rule build_store:
    input:
        shards=all_features,
        decoded=all_decoded,
        clips="results/{dataset}/clips.parquet",
    output:
        store="results/{dataset}/features/{cnn}.npy",
    log:
        "logs/{dataset}/features/{cnn}.log",
    wildcard_constraints:
        dataset=VIDEOS,
        cnn=TRUNKS,
    params:
        **stage("features.store"),
    shell:
        STAGE


rule fuse_features:
    input:
        stores=fused("results/{dataset}/features/{cnn}.npy"),
    output:
        store="results/{dataset}/features/{cnn}.json",
    log:
        "logs/{dataset}/features/{cnn}.log",
    wildcard_constraints:
        cnn=FUSED,
    params:
        **stage("features.fuse"),
    shell:
        STAGE


rule describe_fused:
    input:
        descriptions=fused("results/cnns/{cnn}/trunk.json"),
    output:
        description="results/cnns/{cnn}/trunk.json",
    log:
        "logs/cnns/{cnn}.log",
    wildcard_constraints:
        cnn=FUSED,
    localrule: True
    params:
        **stage("features.describe_fused"),
    shell:
        STAGE


rule store_arrays:
    input:
        clips="results/{dataset}/clips.parquet",
    output:
        store="results/{dataset}/features/{cnn}.npy",
    log:
        "logs/{dataset}/features/{cnn}.log",
    wildcard_constraints:
        dataset=IMPORTED,
    params:
        **stage("features.store_arrays", root=root_of, settings=store_arrays_settings),
    shell:
        STAGE


rule describe_features:
    output:
        description="results/cnns/{cnn}/trunk.json",
    log:
        "logs/cnns/{cnn}.log",
    wildcard_constraints:
        cnn=EXTERNAL,
    localrule: True
    params:
        **stage("features.describe_features", settings=external_settings),
    shell:
        STAGE
