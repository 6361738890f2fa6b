# The sampled frames of each shard of clips, and the index of all clips with what their decoding showed.


rule sample_frames:
    input:
        listing="results/{dataset}/listing.parquet",
    output:
        frames=temp(directory("results/{dataset}/frames/{shard}-of-{shards}")),
        decoded="results/{dataset}/decoded/{shard}-of-{shards}.parquet",
    log:
        "logs/{dataset}/frames/{shard}-of-{shards}.log",
    resources:
        mem_mb=1500,
    params:
        root=root_of,
        settings=frames_settings,
        code=code("frames"),
    shell:
        "python -m vibhar.stages.frames --listing {input.listing:q} --root {params.root:q}"
        " --frames {output.frames:q} --decoded {output.decoded:q} --shard {wildcards.shard}"
        " --shards {wildcards.shards} --threads {threads} --settings {params.settings:q} > {log} 2>&1"


rule index_clips:
    input:
        decoded=shards("results/{dataset}/decoded/{shard}-of-{shards}.parquet"),
    output:
        clips="results/{dataset}/clips.parquet",
        summary="results/{dataset}/clips.json",
    log:
        "logs/{dataset}/index.log",
    params:
        root=root_of,
        settings=index_settings,
        code=code("index"),
    shell:
        "python -m vibhar.stages.index --decoded {input.decoded:q} --root {params.root:q}"
        " --clips {output.clips:q} --summary {output.summary:q}"
        " --settings {params.settings:q} > {log} 2>&1"
