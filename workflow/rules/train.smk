# Training on a feature store: the naive LSTM, and the LSTM with bottlenecks at each beta.


rule train_naive:
    input:
        store="results/{dataset}/features/{cnn}/rgb.npy",
        clips="results/{dataset}/clips.parquet",
    output:
        model="results/{dataset}/models/{cnn}/{split}/naive/seed~{seed}/model.safetensors",
        history="results/{dataset}/models/{cnn}/{split}/naive/seed~{seed}/history.csv",
        metrics="results/{dataset}/models/{cnn}/{split}/naive/seed~{seed}/metrics.json",
    log:
        "logs/{dataset}/train/{cnn}-{split}-naive-seed~{seed}.log",
    resources:
        mem_mb=2000,
        gpu=GPU,
    params:
        settings=naive_settings,
        code=code("naive"),
    shell:
        "python -m vibhar.stages.naive --store {input.store:q} --clips {input.clips:q}"
        " --model {output.model:q} --history {output.history:q} --metrics {output.metrics:q}"
        " --dataset {wildcards.dataset} --split {wildcards.split} --seed {wildcards.seed}"
        " --settings {params.settings:q} > {log} 2>&1"


rule train_vib:
    input:
        store="results/{dataset}/features/{cnn}/rgb.npy",
        clips="results/{dataset}/clips.parquet",
        naive="results/{dataset}/models/{cnn}/{split}/naive/seed~{seed}/model.safetensors",
    output:
        model="results/{dataset}/models/{cnn}/{split}/vib/beta~{beta}/seed~{seed}/gated.safetensors",
        history="results/{dataset}/models/{cnn}/{split}/vib/beta~{beta}/seed~{seed}/history.csv",
    log:
        "logs/{dataset}/train/{cnn}-{split}-vib-beta~{beta}-seed~{seed}.log",
    resources:
        mem_mb=2000,
        gpu=GPU,
    params:
        settings=vib_settings,
        code=code("vib"),
    shell:
        "python -m vibhar.stages.vib --store {input.store:q} --clips {input.clips:q} --naive {input.naive:q}"
        " --model {output.model:q} --history {output.history:q}"
        " --split {wildcards.split} --seed {wildcards.seed} --beta {wildcards.beta}"
        " --settings {params.settings:q} > {log} 2>&1"
