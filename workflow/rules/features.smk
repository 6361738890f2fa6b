# CNN features of the sampled frames: weights once, features by shards, one store for a dataset and a CNN.


rule prepare_weights:
    input:
        weights_file,
    output:
        trunk="results/cnns/{cnn}/trunk.safetensors",
        description="results/cnns/{cnn}/trunk.json",
    log:
        "logs/cnns/{cnn}.log",
    priority: 10  # wrong weights should be known before any clip is decoded
    retries: 2
    threads: 2
    resources:
        mem_mb=1500,
    params:
        settings=weights_settings,
        code=code("weights"),
    shell:
        "python -m vibhar.stages.weights --trunk {output.trunk:q} --description {output.description:q}"
        " --settings {params.settings:q} > {log} 2>&1"


rule extract_features:
    input:
        frames="results/{dataset}/frames/{shard}-of-{shards}",
        decoded="results/{dataset}/decoded/{shard}-of-{shards}.parquet",
        trunk="results/cnns/{cnn}/trunk.safetensors",
    output:
        "results/{dataset}/features/{cnn}/rgb/{shard}-of-{shards}.npy",
    log:
        "logs/{dataset}/features/{cnn}-rgb-{shard}-of-{shards}.log",
    resources:
        mem_mb=2000,
        gpu=GPU,
    params:
        settings=features_settings,
        code=code("features"),
    shell:
        "python -m vibhar.stages.features --frames {input.frames:q} --decoded {input.decoded:q}"
        " --trunk {input.trunk:q} --features {output:q} --settings {params.settings:q} > {log} 2>&1"


rule build_store:
    input:
        shards=shards("results/{dataset}/features/{cnn}/rgb/{shard}-of-{shards}.npy"),
        decoded=shards("results/{dataset}/decoded/{shard}-of-{shards}.parquet"),
        clips="results/{dataset}/clips.parquet",
    output:
        "results/{dataset}/features/{cnn}/rgb.npy",
    log:
        "logs/{dataset}/features/{cnn}-rgb.log",
    params:
        code=code("store"),
    shell:
        "python -m vibhar.stages.store --shards {input.shards:q} --decoded {input.decoded:q}"
        " --clips {input.clips:q} --store {output:q} > {log} 2>&1"
