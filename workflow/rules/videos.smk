# The videos of a dataset, and which clips there are among them.


def render_settings(wildcards):
    """What to render."""
    return canonical(dataset_of(wildcards)["render"])


def rendered_videos(wildcards):
    """The folder of a dataset that is rendered; nothing for the user's own videos, which no rule makes."""
    return (
        f"results/rendered/{wildcards.dataset}"
        if "render" in dataset_of(wildcards)
        else []
    )


def listing_settings(wildcards):
    """What says which clips there are."""
    return canonical({key: dataset_of(wildcards)[key] for key in ("kind", "classes")})


def videos_found(wildcards):
    """What lies in the user's own folder of videos, so that a change there is a change of the listing."""
    return (
        ""
        if "render" in dataset_of(wildcards)
        else fingerprint(root_of(wildcards), listing_settings(wildcards))
    )


rule render:
    output:
        directory("results/rendered/{dataset}"),
    log:
        "logs/{dataset}/render.log",
    resources:
        mem_mb=1000,
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
