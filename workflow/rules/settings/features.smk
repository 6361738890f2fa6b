# What the stages of CNN features read of the config, as canonical JSON, and no more.


def store_arrays_settings(wildcards):
    """Which rows of the arrays to take, and what these hold."""
    sampling = override("sampling", wildcards)
    content = fingerprint_arrays(root_of(wildcards))
    return canonical({"sampling": sampling, "content": content})


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
    if chosen["weights"] not in {*NAMED_WEIGHTS, *config["cnns"]}:
        settings |= {"content": fingerprint_file(chosen["weights"])}
    if shared:
        label = shared["label"] or f"{shared['weights']} (seed {shared['seed']})"
        settings |= {"weights": weights_file(wildcards), "label": label}
    return canonical(settings)


def weights_file(wildcards):
    """The file of the weights, where the config names one: the user's own, or another CNN's."""
    weights = config["cnns"][wildcards.cnn]["weights"]
    if weights in config["cnns"]:
        return f"results/cnns/{weights}/trunk.safetensors"
    return [] if weights in NAMED_WEIGHTS else ancient(weights)


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


def store_file(dataset, cnn):
    """The features of a dataset: an array, or the file that names the arrays of fused CNNs."""
    kind = "json" if is_fused(config, cnn) else "npy"
    return f"results/{dataset}/features/{cnn}.{kind}"


def part_files(dataset, cnn):
    """The arrays that a fused store names. Who reads it needs them, too, and a part that is gone is made again."""
    return [store_file(dataset, part) for part in config["cnns"][cnn]["fuse"]]


def store_of(wildcards):
    """The store that a training reads."""
    return store_file(wildcards.dataset, wildcards.cnn)


def parts_of(wildcards):
    """The parts of that store, where it has some."""
    return part_files(wildcards.dataset, wildcards.cnn)
