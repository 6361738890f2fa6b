# What each kind of training reads of the config, as canonical JSON, and no more.


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
