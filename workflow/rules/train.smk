# Training on a feature store: naive LSTMs and other baselines, with bottlenecks at each beta, with a group lasso, controls.


rule train_naive:
    input:
        store="results/{dataset}/features/{cnn}.npy",
        clips="results/{dataset}/clips.parquet",
    output:
        model="results/{dataset}/models/{cnn}/{split}/naive/seed~{seed}/model.safetensors",
        history="results/{dataset}/models/{cnn}/{split}/naive/seed~{seed}/history.csv",
        metrics="results/{dataset}/models/{cnn}/{split}/naive/seed~{seed}/metrics.json",
    log:
        "logs/{dataset}/train/{cnn}-{split}-naive-seed~{seed}.log",
    resources:
        mem_mb=growing(4000),  # Adam on the 59M parameters of an LSTM on raw pixels
        runtime=growing(60),
        gpu=GPU,
        gpu_mb=GPU * 4000,
    params:
        settings=naive_settings,
        code=code("training.naive"),
    shell:
        "python -m vibhar.stages.training.naive --method naive --store {input.store:q} --clips {input.clips:q}"
        " --model {output.model:q} --history {output.history:q} --metrics {output.metrics:q}"
        " --dataset {wildcards.dataset} --split {wildcards.split} --seed {wildcards.seed}"
        " --settings {params.settings:q} > {log} 2>&1"


rule train_small:
    input:
        store="results/{dataset}/features/{cnn}.npy",
        clips="results/{dataset}/clips.parquet",
    output:
        model="results/{dataset}/models/{cnn}/{split}/small/hidden~{hidden}/seed~{seed}/model.safetensors",
        history="results/{dataset}/models/{cnn}/{split}/small/hidden~{hidden}/seed~{seed}/history.csv",
        metrics="results/{dataset}/models/{cnn}/{split}/small/hidden~{hidden}/seed~{seed}/metrics.json",
    log:
        "logs/{dataset}/train/{cnn}-{split}-small-hidden~{hidden}-seed~{seed}.log",
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
        gpu=GPU,
        gpu_mb=GPU * 2000,
    params:
        settings=small_settings,
        code=code("training.naive"),
    shell:
        "python -m vibhar.stages.training.naive --method small --store {input.store:q} --clips {input.clips:q}"
        " --model {output.model:q} --history {output.history:q} --metrics {output.metrics:q}"
        " --dataset {wildcards.dataset} --split {wildcards.split} --seed {wildcards.seed}"
        " --settings {params.settings:q} > {log} 2>&1"


rule train_baseline:
    input:
        store="results/{dataset}/features/{cnn}.npy",
        clips="results/{dataset}/clips.parquet",
    output:
        model="results/{dataset}/models/{cnn}/{split}/{method}/seed~{seed}/model.safetensors",
        history="results/{dataset}/models/{cnn}/{split}/{method}/seed~{seed}/history.csv",
        metrics="results/{dataset}/models/{cnn}/{split}/{method}/seed~{seed}/metrics.json",
    log:
        "logs/{dataset}/train/{cnn}-{split}-{method}-seed~{seed}.log",
    wildcard_constraints:
        method="tt|bt|tr|ht|ts_naive|ts_lstm",
    resources:
        mem_mb=growing(8000),
        runtime=growing(60),
        gpu=GPU,
        gpu_mb=GPU * 4000,
    params:
        settings=naive_settings,
        code=code("training.naive"),
    shell:
        "python -m vibhar.stages.training.naive --method {wildcards.method} --store {input.store:q}"
        " --clips {input.clips:q} --model {output.model:q} --history {output.history:q}"
        " --metrics {output.metrics:q} --dataset {wildcards.dataset} --split {wildcards.split}"
        " --seed {wildcards.seed} --settings {params.settings:q} > {log} 2>&1"


rule train_vib:
    input:
        store="results/{dataset}/features/{cnn}.npy",
        clips="results/{dataset}/clips.parquet",
        naive=uncompressed,
    output:
        model="results/{dataset}/models/{cnn}/{split}/{method}/{knob}~{value}/seed~{seed}/gated.safetensors",
        history="results/{dataset}/models/{cnn}/{split}/{method}/{knob}~{value}/seed~{seed}/history.csv",
    log:
        "logs/{dataset}/train/{cnn}-{split}-{method}-{knob}~{value}-seed~{seed}.log",
    wildcard_constraints:
        method="vib|vib_input|vib_hidden|vib_target|ts_vib",
    resources:
        mem_mb=growing(4000),  # Adam on the 59M parameters of an LSTM on raw pixels
        runtime=growing(60),
        gpu=GPU,
        gpu_mb=GPU * 4000,
    params:
        settings=vib_settings,
        code=code("training.vib"),
    shell:
        "python -m vibhar.stages.training.vib --store {input.store:q} --clips {input.clips:q} --naive {input.naive:q}"
        " --model {output.model:q} --history {output.history:q}"
        " --split {wildcards.split} --seed {wildcards.seed} --knob {wildcards.knob} --value {wildcards.value}"
        " --settings {params.settings:q} > {log} 2>&1"


rule train_iss:
    input:
        store="results/{dataset}/features/{cnn}.npy",
        clips="results/{dataset}/clips.parquet",
        naive="results/{dataset}/models/{cnn}/{split}/naive/seed~{seed}/model.safetensors",
        start=iss_start,
    output:
        model="results/{dataset}/models/{cnn}/{split}/{method}/strength~{strength}/seed~{seed}/model.safetensors",
        history="results/{dataset}/models/{cnn}/{split}/{method}/strength~{strength}/seed~{seed}/history.csv",
        metrics="results/{dataset}/models/{cnn}/{split}/{method}/strength~{strength}/seed~{seed}/metrics.json",
    log:
        "logs/{dataset}/train/{cnn}-{split}-{method}-strength~{strength}-seed~{seed}.log",
    wildcard_constraints:
        method="iss|vib_iss",
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
        gpu=GPU,
        gpu_mb=GPU * 4000,
    params:
        settings=iss_settings,
        code=code("training.iss"),
    shell:
        "python -m vibhar.stages.training.iss --store {input.store:q} --clips {input.clips:q} --naive {input.naive:q}"
        " --start {input.start:q} --model {output.model:q} --history {output.history:q}"
        " --metrics {output.metrics:q} --method {wildcards.method} --dataset {wildcards.dataset}"
        " --split {wildcards.split} --seed {wildcards.seed} --strength {wildcards.strength}"
        " --settings {params.settings:q} > {log} 2>&1"


rule train_control:
    input:
        store="results/{dataset}/features/{cnn}.npy",
        clips="results/{dataset}/clips.parquet",
        naive="results/{dataset}/models/{cnn}/{split}/naive/seed~{seed}/model.safetensors",
        pruned="results/{dataset}/models/{cnn}/{split}/vib/beta~{beta}/seed~{seed}/pruned.safetensors",
    output:
        metrics="results/{dataset}/models/{cnn}/{split}/{method}/beta~{beta}/seed~{seed}/metrics.json",
    log:
        "logs/{dataset}/train/{cnn}-{split}-{method}-beta~{beta}-seed~{seed}.log",
    wildcard_constraints:
        method="kept_inputs|random_inputs|frame_mean",
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
        gpu=GPU,
        gpu_mb=GPU * 2000,
    params:
        settings=control_settings,
        code=code("training.control"),
    shell:
        "python -m vibhar.stages.training.control --store {input.store:q} --clips {input.clips:q}"
        " --naive {input.naive:q} --pruned {input.pruned:q} --metrics {output.metrics:q}"
        " --method {wildcards.method} --dataset {wildcards.dataset} --split {wildcards.split}"
        " --seed {wildcards.seed} --settings {params.settings:q} > {log} 2>&1"


rule train_comparison:
    input:
        store="results/{dataset}/features/{cnn}.npy",
        clips="results/{dataset}/clips.parquet",
    output:
        model="results/{dataset}/models/{cnn}/{split}/{method}/seed~{seed}/model.safetensors",
        history="results/{dataset}/models/{cnn}/{split}/{method}/seed~{seed}/history.csv",
        metrics="results/{dataset}/models/{cnn}/{split}/{method}/seed~{seed}/metrics.json",
    log:
        "logs/{dataset}/train/{cnn}-{split}-{method}-seed~{seed}.log",
    wildcard_constraints:
        method="two_stream_lstm|attention_conv_lstm|two_stream_i3d",
    resources:
        mem_mb=growing(4000),
        runtime=growing(1440),
        gpu=GPU,
        gpu_mb=GPU * 12000,
    params:
        settings=comparison_settings,
        code=code("training.comparison"),
    shell:
        "python -m vibhar.stages.training.comparison --method {wildcards.method} --store {input.store:q}"
        " --clips {input.clips:q} --model {output.model:q} --history {output.history:q}"
        " --metrics {output.metrics:q} --dataset {wildcards.dataset} --split {wildcards.split}"
        " --seed {wildcards.seed} --settings {params.settings:q} > {log} 2>&1"
