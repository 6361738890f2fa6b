# TV-L1 flow at the sampled frames, of the clips whose frames could be read, by the same shards.


rule compute_flow:
    input:
        listing="results/{dataset}/listing.parquet",
        decoded=decoded,
    output:
        flow=kept(directory("results/{dataset}/flow/{shard}-of-{shards}-{key}")),
    log:
        "logs/{dataset}/flow/{shard}-of-{shards}-{key}.log",
    wildcard_constraints:
        key=uncached("flow"),
    resources:
        mem_mb=growing(2000),
        runtime=growing(720),
        gpu=GPU,
        gpu_mb=GPU * 2000,
    params:
        root=root_of,
        settings=flow_settings,
        code=code("data.flow"),
    shell:
        "python -m vibhar.stages.data.flow --listing {input.listing:q} --decoded {input.decoded:q}"
        " --root {params.root:q} --flow {output.flow:q} --threads {threads}"
        " --settings {params.settings:q} > {log} 2>&1"
