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
        code=code("render"),
    shell:
        "python -m vibhar.stages.render --root {output:q} --settings {params.settings:q} > {log} 2>&1"


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
        code=code("listing"),
    shell:
        "python -m vibhar.stages.listing --root {params.root:q} --listing {output:q}"
        " --settings {params.settings:q} > {log} 2>&1"
