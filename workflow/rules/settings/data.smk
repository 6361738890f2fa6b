# What the stages from archives to frames and flow read of the config, as canonical JSON, and no more.

# Which libraries compute the flow; their versions are part of what the flow is.
FLOW_LIBRARIES = {
    "opencv": ["opencv-contrib-python-headless"],
    "numba": ["opencv-contrib-python-headless", "numba"],
    "dis": ["opencv-contrib-python-headless"],
    "torch": ["torch"],
}


def source_settings(wildcards):
    """Where an archive is, and what is known of it."""
    return canonical(SOURCES[wildcards.source][wildcards.folder]._asdict())


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
    return "" if "render" in dataset_of(wildcards) else found_in_shards(wildcards)


def found_in_shards(wildcards):
    """The same for each shard."""
    shards = config["data"]["shards"]
    return fingerprint_shards(root_of(wildcards), listing_settings(wildcards), shards)


def frames_settings(wildcards):
    """Which frames to take, and how long a clip may take."""
    sampling = override("sampling", wildcards)
    return canonical(
        {"sampling": sampling, "seconds_per_clip": config["data"]["seconds_per_clip"]}
    )


def index_settings(wildcards):
    """Where the clips belong."""
    keys = (
        "kind",
        "classes",
        "splits_root",
        "split_file",
        "folds",
        "validation",
        "group_pattern",
    )
    settings = {key: dataset_of(wildcards)[key] for key in keys}
    content = lists_found(wildcards)
    return canonical(settings | {"content": content, "drop": drop_of(wildcards)})


def lists_found(wildcards):
    """What the user's own split lists hold; nothing for those that a rule renders, which are not there at first."""
    dataset = dataset_of(wildcards)
    if dataset["split_file"]:
        return fingerprint_file(dataset["split_file"])
    if "render" in dataset and not dataset["splits_root"]:
        return ""
    return fingerprint_lists(
        dataset["kind"], root_of(wildcards), dataset["splits_root"]
    )


def drop_of(wildcards):
    """Whether clips leave training that show the same as those of validation or test: how near, and in which splits."""
    if config["data"]["duplicates"] == "report":
        return None
    near = config["data"]["near_duplicates"]
    return {"near_duplicates": near, "splits": dataset_of(wildcards)["splits"]}


def tables_of(wildcards):
    """The user's files that say which clips there are or where they belong."""
    return [
        dataset_of(wildcards)[key]
        for key in ("clips", "split_file")
        if dataset_of(wildcards).get(key)
    ]


def summary_settings(wildcards):
    """How many of the clips may be unreadable, which splits there must be, and what to tell of files and of twins."""
    settings = {
        key: config["data"][key] for key in ("max_unreadable", "near_duplicates")
    }
    settings |= {key: dataset_of(wildcards)[key] for key in ("splits", "kind")}
    tables, unused = tables_of(wildcards), unused_found(wildcards)
    return canonical(settings | {"tables": tables, "unused": unused})


def unused_found(wildcards):
    """What lies in the user's own folder and is not used, so that a change there is a change of the tables' note."""
    if "render" in dataset_of(wildcards):
        return ""
    kind = dataset_of(wildcards)["kind"]
    return fingerprint_unused(root_of(wildcards), kind, *tables_of(wildcards))


def clip_list(wildcards):
    """The user's list of the clips whose features are there already; its time says nothing of its content."""
    return ancient(dataset_of(wildcards)["clips"])


def index_arrays_settings(wildcards):
    """Where the clips belong, and what the user's list and arrays hold."""
    keys = ("classes", "splits", "validation")
    settings = {key: dataset_of(wildcards)[key] for key in keys}
    table = fingerprint_file(dataset_of(wildcards)["clips"])
    content = f"{table} {fingerprint_arrays(root_of(wildcards))}"
    return canonical(settings | {"content": content, "drop": drop_of(wildcards)})


def flow_settings(wildcards):
    """Of which frames the flow is computed, how, and by which versions of which libraries."""
    libraries = FLOW_LIBRARIES[config["flow"]["backend"]]
    versions = [f"{library} {installed(library)}" for library in libraries]
    return canonical(
        json.loads(frames_settings(wildcards))
        | {"flow": config["flow"], "library": ", ".join(versions)}
    )
