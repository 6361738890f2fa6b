# Features that someone has already, in place of videos and a CNN: the same index and the same store.


rule index_arrays:
    input:
        table=clip_list,
    output:
        clips="results/{dataset}/clips.parquet",
        found="results/{dataset}/found.json",
    log:
        "logs/{dataset}/index.log",
    wildcard_constraints:
        dataset=IMPORTED,
    params:
        root=root_of,
        settings=index_arrays_settings,
        found=arrays_found,
        code=code("data.index_arrays"),
    shell:
        "python -m vibhar.stages.data.index_arrays --table {input.table:q} --root {params.root:q}"
        " --clips {output.clips:q} --found {output.found:q}"
        " --settings {params.settings:q} > {log} 2>&1"


rule store_arrays:
    input:
        clips="results/{dataset}/clips.parquet",
    output:
        "results/{dataset}/features/{cnn}.npy",
    log:
        "logs/{dataset}/features/{cnn}.log",
    wildcard_constraints:
        dataset=IMPORTED,
    params:
        root=root_of,
        settings=store_arrays_settings,
        code=code("features.store_arrays"),
    shell:
        "python -m vibhar.stages.features.store_arrays --clips {input.clips:q} --root {params.root:q}"
        " --store {output:q} --settings {params.settings:q} > {log} 2>&1"


rule describe_features:
    output:
        description="results/cnns/{cnn}/trunk.json",
    log:
        "logs/cnns/{cnn}.log",
    wildcard_constraints:
        cnn=EXTERNAL,
    localrule: True
    params:
        settings=external_settings,
        code=code("features.describe_features"),
    shell:
        "python -m vibhar.stages.features.describe_features --description {output.description:q}"
        " --settings {params.settings:q} > {log} 2>&1"
