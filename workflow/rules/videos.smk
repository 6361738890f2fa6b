# The videos of a dataset, and which clips there are among them.


rule render:
    output:
        directory("results/rendered/{dataset}"),
    log:
        "logs/{dataset}/render.log",
    resources:
        mem_mb=growing(1000),
        runtime=growing(60),
    params:
        settings=render_settings,
        code=code("data.render"),
    shell:
        "python -m vibhar.stages.data.render --root {output:q} --settings {params.settings:q} > {log} 2>&1"


rule list_clips:
    input:
        rendered_videos,
    output:
        "results/{dataset}/listing.parquet",
    log:
        "logs/{dataset}/list.log",
    params:
        root=root_of,
        settings=listing_settings,
        found=videos_found,
        code=code("data.listing"),
    shell:
        "python -m vibhar.stages.data.listing --root {params.root:q} --listing {output:q}"
        " --settings {params.settings:q} > {log} 2>&1"
