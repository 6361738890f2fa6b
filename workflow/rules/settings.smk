# The narrow views of the config: for each stage the part that it reads, as canonical JSON, and no more.


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
        "folds",
        "validation",
        "group_pattern",
    )
    return canonical({key: dataset_of(wildcards)[key] for key in keys})


def summary_settings(wildcards):
    """How many of the clips may be unreadable, and which splits there must be."""
    limit = config["data"]["max_unreadable"]
    splits = dataset_of(wildcards)["splits"]
    return canonical({"max_unreadable": limit, "splits": splits})


def clip_list(wildcards):
    """The user's list of the clips whose features are there already."""
    return dataset_of(wildcards)["clips"]


def index_arrays_settings(wildcards):
    """Where the clips belong."""
    keys = ("classes", "splits", "validation")
    return canonical({key: dataset_of(wildcards)[key] for key in keys})


def arrays_found(wildcards):
    """What lies in the user's folder of arrays, so that a change there is a change of the index."""
    return fingerprint_arrays(root_of(wildcards))


def store_arrays_settings(wildcards):
    """Which rows of the arrays to take."""
    return canonical({"sampling": override("sampling", wildcards)})


def external_settings(wildcards):
    """What the tables call the features."""
    return canonical({"label": config["cnns"][wildcards.cnn]["label"]})


# What makes the weights of a trunk.
WEIGHTS = ("backbone", "size", "weights", "seed", "modality", "flow_input")


def trunk_settings(cnn):
    """Which trunk, and what its weights are made of, where a name says it."""
    chosen = config["cnns"][cnn]
    of_flow = chosen["weights"] == "rendered" and chosen["modality"] == "flow"
    settings = {key: chosen[key] for key in WEIGHTS}
    return settings | {"flow": config["flow"] if of_flow else None}


def weights_settings(wildcards):
    """The same, and what they are called."""
    chosen = config["cnns"][wildcards.cnn]
    settings = trunk_settings(wildcards.cnn) | {"label": chosen["label"]}
    shared = config["cnns"].get(chosen["weights"])
    if shared:
        label = shared["label"] or f"{shared['weights']} (seed {shared['seed']})"
        settings |= {"weights": weights_file(wildcards), "label": label}
    return canonical(settings)


def weights_file(wildcards):
    """The file of the weights, where the config names one: the user's own, or another CNN's."""
    weights = config["cnns"][wildcards.cnn]["weights"]
    if weights in config["cnns"]:
        return f"results/cnns/{weights}/trunk.safetensors"
    return [] if weights in NAMED_WEIGHTS else weights


def flow_settings(wildcards):
    """Of which frames the flow is computed, how, and by which version of which library."""
    library = FLOW_LIBRARIES[config["flow"]["backend"]]
    return canonical(
        json.loads(frames_settings(wildcards))
        | {"flow": config["flow"], "library": f"{library} {installed(library)}"}
    )


def features_settings(wildcards):
    """How the trunk is run, and on which crops."""
    keys = ("backbone", "size", "precision", "modality", "flow_input", "crops", "flips")
    chosen = {key: config["cnns"][wildcards.cnn][key] for key in keys}
    seed = override("sampling", wildcards)["seed"]
    return canonical(chosen | {"channels": channels_of(wildcards.cnn), "seed": seed})


def channels_of(cnn):
    """The channels of the pictures that a trunk is shown."""
    chosen = config["cnns"][cnn]
    stacked = chosen["modality"] == "flow" and chosen["flow_input"] == "stack"
    return 2 * config["flow"]["pairs"] if stacked else 3


def fused(pattern):
    """The files of the CNNs that a fused one joins."""

    def files(wildcards):
        parts = config["cnns"][wildcards.cnn]["fuse"]
        return expand(pattern, cnn=parts, allow_missing=True)

    return files


def naive_settings(wildcards):
    """The LSTM, its training, and what the views of a clip are."""
    strategy = override("sampling", wildcards)["strategy"]
    return canonical(
        {
            "lstm": override("lstm", wildcards),
            "training": override("naive", wildcards),
            "strategy": strategy,
            "segments": segments_of(wildcards),
        }
    )


def segments_of(wildcards):
    """The temporal segments before the LSTM, of the methods that have them; TS-LSTM pools over each."""
    method = getattr(wildcards, "method", "naive")
    if not method.startswith("ts_"):
        return None
    return config["temporal_segments"] | ({"pool": True} if method == "ts_lstm" else {})


def comparison_settings(wildcards):
    """A comparison system, its training, and what it is shown."""
    chosen = config["comparisons"][wildcards.method]
    cnn = config["cnns"][chosen["cnn"]]
    shapes = [
        [channels_of(part), *config["cnns"][part]["size"]] for part in cnn["fuse"]
    ]
    keys = {key: chosen[key] for key in ("network", "training")}
    strategy = override("sampling", wildcards)["strategy"]
    return canonical(
        keys | {"backbone": cnn["backbone"], "shapes": shapes, "strategy": strategy}
    )


def uncompressed(wildcards):
    """The LSTM that is compressed and that teaches: the naive one, or the one behind temporal segments."""
    method = "ts_naive" if wildcards.method == "ts_vib" else "naive"
    return f"results/{{dataset}}/models/{{cnn}}/{{split}}/{method}/seed~{{seed}}/model.safetensors"


def small_settings(wildcards):
    """The same for an LSTM that is small from the start."""
    settings = json.loads(naive_settings(wildcards))
    settings["lstm"]["hidden"] = int(wildcards.hidden)
    return canonical(settings)


BOTTLENECKS = {
    "vib": ["hidden", "input"],
    "vib_target": ["hidden", "input"],
    "ts_vib": ["hidden", "input"],
    "vib_input": ["input"],
    "vib_hidden": ["hidden"],
}


def vib_settings(wildcards):
    """The same for the LSTM with bottlenecks, without the other betas of the sweep and the other targets."""
    section = override("vib", wildcards)
    chosen = {
        key: value for key, value in section.items() if key not in ("betas", "target")
    }
    if wildcards.knob != "beta":
        target = {
            key: value for key, value in section["target"].items() if key != "goals"
        }
        chosen |= {"training": target.pop("training"), "target": target}
    strategy = override("sampling", wildcards)["strategy"]
    return canonical(
        chosen | {"bottlenecks": BOTTLENECKS[wildcards.method], "strategy": strategy}
    )


def iss_settings(wildcards):
    """The group lasso, and the fine-tuning after it."""
    keys = ("threshold", "distillation", "training")
    chosen = {key: config["iss"][key] for key in keys}
    strategy = override("sampling", wildcards)["strategy"]
    return canonical(chosen | {"finetune": finetuning(wildcards), "strategy": strategy})


def iss_start(wildcards):
    """What the group lasso begins with: the naive LSTM, or the one that the bottlenecks have made small."""
    start = "naive"
    if wildcards.method == "vib_iss":
        start = f"vib/beta~{config['iss']['vib_beta']:g}"
    return f"results/{{dataset}}/models/{{cnn}}/{{split}}/{start}/seed~{{seed}}/model.safetensors"


def control_settings(wildcards):
    """Trainings from scratch: they get as many epochs as bottlenecks and fine-tuning together."""
    tuning, naive = finetuning(wildcards), override("naive", wildcards)
    epochs = tuning["training"]["epochs"]
    epochs += override("vib", wildcards)["training"]["epochs"]
    tuning["training"] = tuning["training"] | {"epochs": epochs}
    strategy = override("sampling", wildcards)["strategy"]
    return canonical({"finetune": tuning, "naive": naive, "strategy": strategy})


def finetuning(wildcards):
    """How a dense LSTM is trained."""
    section = override("finetune", wildcards)
    return {key: value for key, value in section.items() if key != "threshold"}


def prune_settings(wildcards):
    """Threshold and fine-tuning, and what the views of a clip are."""
    strategy = override("sampling", wildcards)["strategy"]
    return canonical(override("finetune", wildcards) | {"strategy": strategy})


def kinds_of(result):
    """The names and kinds of the datasets of a table."""
    return [
        [name, config["datasets"][name]["kind"]] for name in config[result]["datasets"]
    ]


def compared_in(result):
    """The comparison systems of a table, and the CNN of each."""
    wanted = config[result]["comparisons"]
    return [[method, config["comparisons"][method]["cnn"]] for method in wanted]


# The methods of Tables 1 and 3, a row each; those of Table 3 without the systems of other papers.
TABLE1 = ("naive", "tt", "bt", "tr", "ht", "vib")
TABLE3 = ("ts_lstm", "naive", "ts_naive", "tr", "iss", "vib", "ts_vib")


def table1_settings(wildcards):
    """The datasets and their kinds, the methods, and how beta is chosen."""
    rows = {"datasets": kinds_of("table1"), "methods": TABLE1}
    return canonical(rows | config["selection"])


def pixels_runs():
    """The dataset of the picture, the first of Table 1, and the split and the beta of each of its VIB-LSTMs."""
    name = config["table1"]["datasets"][0]
    dataset = config["datasets"][name]
    return name, list(product(dataset["splits"], dataset["vib"]["betas"]))


def pixels_models(wildcards):
    """The pruned LSTMs of the first seed, of which validation chooses those whose inputs are drawn."""
    name, pairs = pixels_runs()
    here = f"results/{name}/models/{config['table1']['cnn']}"
    file = f"seed~{config['seeds'][0]}/pruned.safetensors"
    return [f"{here}/{split}/vib/beta~{beta:g}/{file}" for split, beta in pairs]


def pixels_settings(wildcards):
    """Which runs there are, the shape of the picture, and how beta is chosen."""
    name, pairs = pixels_runs()
    return canonical(
        {
            "dataset": name,
            "runs": pairs,
            "size": config["cnns"][config["table1"]["cnn"]]["size"],
            "strategy": config["datasets"][name]["sampling"]["strategy"],
            **config["selection"],
        }
    )


def table2_settings(wildcards):
    """The datasets and their kinds, the rows, and how a strength is chosen."""
    rows = {key: config["table2"][key] for key in ("cnn", "tensorized", "second_cnn")}
    rows |= {"comparisons": compared_in("table2")}
    return canonical({"datasets": kinds_of("table2"), **rows, **config["selection"]})


def table3_settings(wildcards):
    """The datasets and their kinds, the systems that are compared with, and how a strength is chosen."""
    rows = {"cnn": config["table3"]["cnn"], "comparisons": compared_in("table3")}
    return canonical({"datasets": kinds_of("table3"), **rows, **config["selection"]})


def table4_settings(wildcards):
    """The datasets and their kinds, and the beta of all rows."""
    return canonical({"datasets": kinds_of("table4"), "beta": config["table4"]["beta"]})


def trained_cell(wildcards):
    """The gated LSTM that is drawn: of the first dataset, split and seed of Table 4."""
    wanted = config["table4"]
    dataset, seed = wanted["datasets"][0], config["seeds"][0]
    split = config["datasets"][dataset]["splits"][0]
    here = f"results/{dataset}/models/{wanted['cnn']}/{split}/vib"
    return f"{here}/beta~{wanted['beta']:g}/seed~{seed}/gated.safetensors"


def cell_threshold(wildcards):
    """The threshold at which the gates of that LSTM close."""
    return config["datasets"][config["table4"]["datasets"][0]]["finetune"]["threshold"]


def histories(wildcards):
    """The histories of the trainings of Tables 1 to 3, with and without bottlenecks."""
    metrics = {
        run
        for table in ("table1", "table2", "table3")
        for run in runs(table, "naive", "vib")
    }
    return sorted(run.replace("metrics.json", "history.csv") for run in metrics)


def figure2_settings(wildcards):
    """The datasets, a row for each, and how beta is chosen."""
    datasets = config["figure2"]["datasets"]
    return canonical({"datasets": datasets, **config["selection"]})


def figure4_settings(wildcards):
    """The datasets, a column for each."""
    return canonical({"datasets": config["figure4"]["datasets"]})


def figure5_settings(wildcards):
    """The datasets, a column for each."""
    return canonical({"datasets": config["figure5"]["datasets"]})


# The models that go to the device: the naive one first, with which the others are compared.
BUNDLES = ["naive", *config["edge"]["methods"]]
EDGE_DATASET = config["edge"]["datasets"][0]
SWEPT_OVER = {"vib": "beta", "iss": "strength", "vib_iss": "strength"}


def edge_runs(wildcards):
    """The runs among which validation chooses the model of a bundle: none for the smallest of models."""
    if wildcards.model == "floor":
        return []
    if wildcards.model not in SWEPT_OVER:
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
    swept = wildcards.model in SWEPT_OVER
    return canonical(
        {
            "method": wildcards.model,
            "over": SWEPT_OVER.get(wildcards.model),
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
