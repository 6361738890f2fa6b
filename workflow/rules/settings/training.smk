# The methods of training, and what each reads of the config, as canonical JSON, and no more.


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
    if not wildcards.method.startswith("ts_"):
        return None
    pool = {"pool": True} if wildcards.method == "ts_lstm" else {}
    return config["temporal_segments"] | pool


def comparison_settings(wildcards):
    """A comparison system, its training, and what it is shown."""
    chosen = config["comparisons"][wildcards.method]
    cnn = config["cnns"][chosen["cnn"]]
    shapes = [
        [channels_of(part), *config["cnns"][part]["size"]] for part in cnn["fuse"]
    ]
    keys = {key: chosen[key] for key in ("network", "training")}
    weights = chosen["network"].get("weights", "random")
    if weights not in NAMED_WEIGHTS:
        keys |= {"content": fingerprint_file(weights)}
    strategy = override("sampling", wildcards)["strategy"]
    return canonical(
        keys | {"backbone": cnn["backbone"], "shapes": shapes, "strategy": strategy}
    )


def small_settings(wildcards):
    """The same for an LSTM that is small from the start."""
    settings = json.loads(naive_settings(wildcards))
    settings["lstm"]["hidden"] = int(wildcards.value)
    return canonical(settings)


# The methods with bottlenecks on one side alone.
BOTTLENECKS = {"vib_input": ["input"], "vib_hidden": ["hidden"]}


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
    bottlenecks = BOTTLENECKS.get(wildcards.method, ["hidden", "input"])
    strategy = override("sampling", wildcards)["strategy"]
    return canonical(chosen | {"bottlenecks": bottlenecks, "strategy": strategy})


def iss_settings(wildcards):
    """The group lasso, and the fine-tuning after it."""
    keys = ("threshold", "distillation", "training")
    chosen = {key: config["iss"][key] for key in keys}
    strategy = override("sampling", wildcards)["strategy"]
    return canonical(chosen | {"finetune": finetuning(wildcards), "strategy": strategy})


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


# Where the runs of a dataset on a CNN and a split stand, and the index of its clips.
MODELS = "results/{dataset}/models/{cnn}/{split}"
CLIPS = "results/{dataset}/clips.parquet"
NAIVE = f"{MODELS}/naive/seed~{{seed}}/model.safetensors"
TS_NAIVE = f"{MODELS}/ts_naive/seed~{{seed}}/model.safetensors"
VIB = f"{MODELS}/vib/beta~{config['iss']['vib_beta']:g}/seed~{{seed}}/model.safetensors"
PRUNED = f"{MODELS}/vib/{{knob}}~{{value}}/seed~{{seed}}/pruned.safetensors"

# What a training writes: a classifier that is finished, one with its bottlenecks still in it, or its metrics alone.
FINISHED = {
    "model": "model.safetensors",
    "history": "history.csv",
    "metrics": "metrics.json",
}
GATED = {"model": "gated.safetensors", "history": "history.csv"}
MEASURED = {"metrics": "metrics.json"}


class Method(NamedTuple):
    """How a method is trained.

    `kind`: train_<kind> trains all methods of that kind. `stage`: the module below vibhar.stages.training.
    `over`: what is swept, whose values are folders. `inputs`: the models that it starts from. `mem_mb` covers Adam on
    the 59 million parameters of an LSTM on raw pixels, where the method has one.
    """

    kind: str
    stage: str
    settings: object
    over: str = ""
    makes: dict = FINISHED
    inputs: dict = {}
    mem_mb: int = 4000
    gpu_mb: int = 4000
    minutes: int = 60


BASELINE = Method("baseline", "naive", naive_settings, mem_mb=8000)
COMPARISON = Method(
    "comparison", "comparison", comparison_settings, gpu_mb=12000, minutes=1440
)
BOTTLENECK = Method("vib", "vib", vib_settings, "beta", GATED, {"naive": NAIVE})
LASSO = Method(
    "iss",
    "iss",
    iss_settings,
    over="strength",
    inputs={"naive": NAIVE, "start": NAIVE},
    mem_mb=2000,
)
CONTROL = Method(
    "control",
    "control",
    control_settings,
    over="beta",
    makes=MEASURED,
    inputs={"naive": NAIVE, "pruned": PRUNED},
    mem_mb=2000,
    gpu_mb=2000,
)

# Every method that is trained. A new one is an entry here, and a stage where none of those that are there trains it.
METHODS = {
    "naive": Method("naive", "naive", naive_settings),
    "small": Method(
        "small", "naive", small_settings, over="hidden", mem_mb=2000, gpu_mb=2000
    ),
    **dict.fromkeys(("tt", "bt", "tr", "ht", "ts_naive", "ts_lstm"), BASELINE),
    **dict.fromkeys(
        ("two_stream_lstm", "attention_conv_lstm", "two_stream_i3d"), COMPARISON
    ),
    **dict.fromkeys(("vib", "vib_input", "vib_hidden"), BOTTLENECK),
    "vib_target": BOTTLENECK._replace(over="target"),
    "ts_vib": BOTTLENECK._replace(inputs={"naive": TS_NAIVE}),
    "iss": LASSO,
    "vib_iss": LASSO._replace(inputs={"naive": NAIVE, "start": VIB}),
    **dict.fromkeys(("kept_inputs", "random_inputs", "frame_mean"), CONTROL),
}

# The methods that each rule trains.
TRAINED_BY = defaultdict(list)
for name, method in METHODS.items():
    TRAINED_BY[method.kind].append(name)


def place_of(method):
    """The folder of a run of a method, as a pattern."""
    swept = "{knob}~{value}/" if METHODS[method].over else ""
    return f"{MODELS}/{{method}}/{swept}seed~{{seed}}"


def made_by(method):
    """The outputs of a training."""
    files = METHODS[method].makes
    return {name: f"{place_of(method)}/{file}" for name, file in files.items()}


def knobs_of(methods):
    """A pattern of the words before "~" in the folders of these methods' sweeps; a target has one of three."""
    targets = {"target_params", "target_ratio", "max_accuracy_drop"}
    swept = {METHODS[method].over for method in methods}
    return pattern(swept - {"", "target"} | (targets if "target" in swept else set()))


def log_of(method, folder):
    """The log of a training or of a pruning."""
    swept = "{knob}~{value}-" if METHODS[method].over else ""
    return f"logs/{{dataset}}/{folder}/{{cnn}}-{{split}}-{{method}}-{swept}seed~{{seed}}.log"


def started_from(name):
    """The input `name` of a rule's method."""
    return lambda wildcards: METHODS[wildcards.method].inputs[name]


def settings_of(wildcards):
    """What the rule's method reads of the config."""
    return METHODS[wildcards.method].settings(wildcards)


def needed(resource):
    """A resource of the rule's method, as much again at each new attempt."""

    def amount(wildcards, attempt):
        return getattr(METHODS[wildcards.method], resource) * attempt

    return amount


def gpu_memory(wildcards):
    """The memory that the rule's method takes of a GPU, in MB."""
    return GPU * METHODS[wildcards.method].gpu_mb


def folders_of(dataset, wanted, over):
    """The folders of a sweep: at the one beta of a result that has one, else at all values."""
    vib = config["datasets"][dataset]["vib"]
    values = {
        "": [],
        "beta": [wanted["beta"]] if "beta" in wanted else vib["betas"],
        "strength": config["iss"]["strengths"],
        "hidden": config["small"]["hidden"],
    }
    if over == "target":
        goals = vib["target"]["goals"].items()
        return [f"{knob}~{value:g}" for knob, those in goals for value in those]
    return [f"{over}~{value:g}" for value in values[over]]


def runs_of(dataset, wanted, methods):
    """The metrics of all runs of some methods on one dataset and the CNN of a result."""
    return [
        path
        for method in methods
        for path in expand(
            f"{place_of(method).replace('{knob}~{value}', '{swept}')}/metrics.json",
            dataset=dataset,
            cnn=wanted["cnn"],
            method=method,
            split=config["datasets"][dataset]["splits"],
            swept=folders_of(dataset, wanted, METHODS[method].over),
            seed=config["seeds"],
        )
    ]


def runs(result, *methods, cnn="cnn"):
    """The metrics of all runs of some methods that a table or a figure shows, on its CNN or on the `second_cnn`."""
    wanted = config[result] | {"cnn": config[result][cnn] or []}
    return [
        path for name in wanted["datasets"] for path in runs_of(name, wanted, methods)
    ]


def comparison_runs(result):
    """The metrics of the comparison systems of a table, each on a CNN of its own."""
    wanted = config[result]
    return [
        path
        for method in wanted["comparisons"]
        for name in wanted["datasets"]
        for path in runs_of(
            name, wanted | {"cnn": config["comparisons"][method]["cnn"]}, [method]
        )
    ]
