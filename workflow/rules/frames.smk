# The sampled frames of each shard of clips, and the index of all clips with what their decoding showed.


rule sample_frames:
    input:
        listing="results/{dataset}/listing.parquet",
    output:
        frames=temp(directory("results/{dataset}/frames/{shard}-of-{shards}-{key}")),
    log:
        "logs/{dataset}/frames/{shard}-of-{shards}-{key}.log",
    resources:
        mem_mb=growing(1500),
        runtime=growing(240),
    params:
        root=root_of,
        settings=frames_settings,
        code=code("data.frames"),
    shell:
        "python -m vibhar.stages.data.frames --listing {input.listing:q} --root {params.root:q}"
        " --frames {output.frames:q} --shard {wildcards.shard} --shards {wildcards.shards}"
        " --threads {threads} --settings {params.settings:q} > {log} 2>&1"


rule keep_record:
    input:
        "results/{dataset}/frames/{shard}-of-{shards}-{key}",
    output:
        "results/{dataset}/decoded/{shard}-of-{shards}-{key}.parquet",
    log:
        "logs/{dataset}/decoded/{shard}-of-{shards}-{key}.log",
    wildcard_constraints:
        key=uncached("decoded"),
    localrule: True
    shell:
        "(cp {input:q}/decoded.parquet {output:q}.partial && mv {output:q}.partial {output:q}) > {log} 2>&1"


rule index_clips:
    input:
        decoded=all_decoded,
        splits=split_file,
    output:
        clips="results/{dataset}/clips.parquet",
        found="results/{dataset}/found.json",
    log:
        "logs/{dataset}/index.log",
    wildcard_constraints:
        dataset=VIDEOS,
    params:
        root=root_of,
        settings=index_settings,
        code=code("data.index"),
    shell:
        "python -m vibhar.stages.data.index --decoded {input.decoded:q} --root {params.root:q}"
        " --clips {output.clips:q} --found {output.found:q}"
        " --settings {params.settings:q} > {log} 2>&1"


rule summarise_clips:
    input:
        clips="results/{dataset}/clips.parquet",
        found="results/{dataset}/found.json",
    output:
        "results/{dataset}/clips.json",
    log:
        "logs/{dataset}/summary.log",
    priority: 10  # too many unreadable clips should be known before anything is trained
    localrule: True
    params:
        root=root_of,
        settings=summary_settings,
        unused=unused_found,
        code=code("data.summary"),
    shell:
        "python -m vibhar.stages.data.summary --clips {input.clips:q} --found {input.found:q}"
        " --root {params.root:q} --summary {output:q} --settings {params.settings:q} > {log} 2>&1"
