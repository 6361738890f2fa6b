# From archives to sampled frames and flow: fetch or render the videos, list them, decode them by shards, index them.


rule fetch_archive:
    output:
        folder=directory("data/{source}/{folder}"),
    log:
        "logs/fetch/{source}-{folder}.log",
    wildcard_constraints:
        source="|".join(SOURCES),
        folder="|".join(folder for folders in SOURCES.values() for folder in folders),
    localrule: True
    params:
        **stage("data.fetch", settings=source_settings),
    shell:
        STAGE


for source, folders in SOURCES.items():

    rule:
        name:
            f"fetch_{source}"
        input:
            expand("data/{source}/{folder}", source=source, folder=folders),
        localrule: True


rule render:
    output:
        root=directory("results/rendered/{dataset}"),
    log:
        "logs/{dataset}/render.log",
    resources:
        mem_mb=growing(1000),
        runtime=growing(60),
    params:
        **stage("data.render", settings=render_settings),
    shell:
        STAGE


rule list_clips:
    input:
        rendered_videos,
    output:
        listing="results/{dataset}/listing.parquet",
    log:
        "logs/{dataset}/list.log",
    params:
        **stage("data.listing", root=root_of, settings=listing_settings),
        found=videos_found,
    shell:
        STAGE


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
        **stage("data.frames", root=root_of, settings=frames_settings),
    shell:
        STAGE


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
    output:
        clips="results/{dataset}/clips.parquet",
        found="results/{dataset}/found.json",
    log:
        "logs/{dataset}/index.log",
    wildcard_constraints:
        dataset=VIDEOS,
    params:
        **stage("data.index", root=root_of, settings=index_settings),
    shell:
        STAGE


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
        **stage("data.index_arrays", root=root_of, settings=index_arrays_settings),
    shell:
        STAGE


rule summarise_clips:
    input:
        clips="results/{dataset}/clips.parquet",
        found="results/{dataset}/found.json",
    output:
        summary="results/{dataset}/clips.json",
    log:
        "logs/{dataset}/summary.log",
    priority: 10  # too many unreadable clips should be known before anything is trained
    localrule: True
    params:
        **stage("data.summary", root=root_of, settings=summary_settings),
    shell:
        STAGE


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
        **stage("data.flow", root=root_of, settings=flow_settings),
    shell:
        STAGE
