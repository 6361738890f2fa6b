# TV-L1 flow at the sampled frames, of the clips whose frames could be read, by the same shards.


rule compute_flow:
    input:
        listing="results/{dataset}/listing.parquet",
        decoded="results/{dataset}/decoded/{shard}-of-{shards}.parquet",
    output:
        flow=temp(directory("results/{dataset}/flow/{shard}-of-{shards}")),
    log:
        "logs/{dataset}/flow/{shard}-of-{shards}.log",
    resources:
        mem_mb=2000,
        gpu=GPU,
    params:
        root=root_of,
        settings=flow_settings,
        code=code("flow"),
    shell:
        "python -m vibhar.stages.flow --listing {input.listing:q} --decoded {input.decoded:q}"
        " --root {params.root:q} --flow {output.flow:q} --threads {threads}"
        " --settings {params.settings:q} > {log} 2>&1"
