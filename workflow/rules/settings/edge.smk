# What goes to the small device, and how it is measured there, as canonical JSON of the config and no more.


# The models that go to the device: the naive one first, with which the others are compared.
BUNDLES = ["naive", *config["edge"]["methods"]]
EDGE_DATASET = config["edge"]["datasets"][0]
EDGE = f"{EXPERIMENT}/edge"
BUNDLE = f"{EDGE}/bundles/{{model}}"
EDGE_STORE = store_file(EDGE_DATASET, config["edge"]["cnn"])
EDGE_PARTS = part_files(EDGE_DATASET, config["edge"]["cnn"])
EDGE_CLIPS = f"results/{EDGE_DATASET}/clips.parquet"

# The programs that go along as they are.
PROGRAMS = sorted(
    path for path in (PACKAGE / "edge/device").iterdir() if path.is_file()
)


def swept_over(model):
    """What the sweep of a bundle's method is over; nothing for a method of one run, and for the smallest of models."""
    return METHODS[model].over if model in METHODS else ""


def edge_runs(wildcards):
    """The runs among which validation chooses the model of a bundle: none for the smallest of models."""
    if wildcards.model == "floor":
        return []
    if not swept_over(wildcards.model):
        here = f"results/{EDGE_DATASET}/models/{config['edge']['cnn']}/{edge_split()}"
        return f"{here}/{wildcards.model}/seed~{config['seeds'][0]}/metrics.json"
    return runs("edge", "naive", wildcards.model)


def edge_trunk(wildcards):
    """The weights of the CNN that goes along."""
    with_cnn = has_cnn() and wildcards.model != "floor"
    return f"results/cnns/{config['edge']['cnn']}/trunk.safetensors" if with_cnn else []


def edge_split():
    """The split of the models that go to the device, the first."""
    return config["datasets"][EDGE_DATASET]["splits"][0]


def has_cnn():
    """Whether a device can go from a video to a label: one CNN on frames, of this run."""
    cnn = config["cnns"][config["edge"]["cnn"]]
    weightless = cnn["backbone"] in ("pixels", "fused", "external")
    return not weightless and cnn["modality"] == "rgb"


def bundle_settings(wildcards):
    """Which model, how its strength is chosen, and what its frames are."""
    sampling = config["datasets"][EDGE_DATASET]["sampling"]
    swept = swept_over(wildcards.model)
    return canonical(
        {
            "method": wildcards.model,
            "over": swept or None,
            **(config["selection"] if swept else {"max_accuracy_drop": None}),
            "split": edge_split(),
            "seed": config["seeds"][0],
            "sampling": {key: sampling[key] for key in ("strategy", "frames")},
            "backbone": config["cnns"][config["edge"]["cnn"]]["backbone"],
            "int8": wildcards.model == "naive",
        }
    )


def accuracy_settings(wildcards):
    """The runtimes, and the split whose test part goes through them."""
    strategy = config["datasets"][EDGE_DATASET]["sampling"]["strategy"]
    runtimes = config["edge"]["runtimes"]
    return canonical(
        {"runtimes": runtimes, "split": edge_split(), "strategy": strategy}
    )


def edge_videos(wildcards):
    """The rendered videos, one of which goes through the whole pipeline."""
    render = "render" in config["datasets"][EDGE_DATASET]
    return f"results/rendered/{EDGE_DATASET}" if render else []


def edge_root(wildcards):
    """The folder of the videos."""
    return config["datasets"][EDGE_DATASET].get(
        "root", f"results/rendered/{EDGE_DATASET}"
    )


LATENCY = ("where", "ssh", "runtimes", "batches", "queries", "seconds", "warmup")


def latency_settings(wildcards):
    """Where and how latency is measured."""
    settings = {key: config["edge"][key] for key in (*LATENCY, "core", "repeat")}
    return canonical(settings | {"split": edge_split(), "with_cnn": has_cnn()})


def table_pi_settings(wildcards):
    """What the rows are, and which model they are of."""
    rows = {key: config["edge"][key] for key in ("runtimes", "batches")}
    named = {
        "dataset": EDGE_DATASET,
        "split": edge_split(),
        "seed": config["seeds"][0],
    }
    return canonical(rows | named)
