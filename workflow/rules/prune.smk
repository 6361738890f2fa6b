# From gates to a dense LSTM: prune by the threshold on alpha, check, fine-tune, evaluate.


rule prune:
    input:
        store="results/{dataset}/features/{cnn}.npy",
        clips="results/{dataset}/clips.parquet",
        naive=uncompressed,
        gated="results/{dataset}/models/{cnn}/{split}/{method}/{knob}~{value}/seed~{seed}/gated.safetensors",
    output:
        pruned="results/{dataset}/models/{cnn}/{split}/{method}/{knob}~{value}/seed~{seed}/pruned.safetensors",
        size="results/{dataset}/models/{cnn}/{split}/{method}/{knob}~{value}/seed~{seed}/size.json",
        model="results/{dataset}/models/{cnn}/{split}/{method}/{knob}~{value}/seed~{seed}/model.safetensors",
        history="results/{dataset}/models/{cnn}/{split}/{method}/{knob}~{value}/seed~{seed}/finetuning.csv",
        metrics="results/{dataset}/models/{cnn}/{split}/{method}/{knob}~{value}/seed~{seed}/metrics.json",
    log:
        "logs/{dataset}/prune/{cnn}-{split}-{method}-{knob}~{value}-seed~{seed}.log",
    wildcard_constraints:
        method="vib|vib_input|vib_hidden|vib_target|ts_vib",
    resources:
        mem_mb=growing(4000),  # Adam on the 59M parameters of an LSTM on raw pixels
        runtime=growing(60),
        gpu=GPU,
        gpu_mb=GPU * 4000,
    params:
        settings=prune_settings,
        code=code("training.prune"),
    shell:
        "python -m vibhar.stages.training.prune --store {input.store:q} --clips {input.clips:q}"
        " --naive {input.naive:q} --gated {input.gated:q} --pruned {output.pruned:q} --size {output.size:q}"
        " --model {output.model:q} --history {output.history:q} --metrics {output.metrics:q}"
        " --method {wildcards.method} --dataset {wildcards.dataset} --split {wildcards.split} --seed {wildcards.seed}"
        " --knob {wildcards.knob} --value {wildcards.value} --settings {params.settings:q} > {log} 2>&1"
