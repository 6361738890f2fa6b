# What each table and figure reads of the config, as canonical JSON, and no more.


def kinds_of(result):
    """The names and kinds of the datasets of a table."""
    return [
        [name, config["datasets"][name]["kind"]] for name in config[result]["datasets"]
    ]


def compared_in(result):
    """The comparison systems of a table, and the CNN of each."""
    wanted = config[result]["comparisons"]
    return [[method, config["comparisons"][method]["cnn"]] for method in wanted]


# The methods of the tables, a row each; those of Table 3 without the systems of other papers.
TABLE1 = ("naive", "tt", "bt", "tr", "ht", "vib")
PARETO = ("naive", "small", "vib", "vib_target", "iss", "vib_iss")
TABLE4 = (
    "naive",
    "vib_input",
    "vib_hidden",
    "vib",
    "kept_inputs",
    "random_inputs",
    "frame_mean",
)
TABLE3 = ("ts_lstm", "naive", "ts_naive", "tr", "iss", "vib", "ts_vib")


def table1_settings(wildcards):
    """The datasets and their kinds, the methods, and how beta is chosen."""
    rows = {"datasets": kinds_of("table1"), "methods": TABLE1}
    return canonical(rows | config["selection"])


# The dataset of the picture of pixels.
TABLE1_DATASET = config["table1"]["datasets"][0]


def pixels_runs():
    """The dataset of the picture, the first of Table 1, and the split and the beta of each of its VIB-LSTMs."""
    name = TABLE1_DATASET
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


def explained(result):
    """The provenance of a table or of a figure."""
    return f"{Path(result).with_suffix('')}.provenance.json"


def provenance_of(wildcards):
    """The table or the figure that a provenance is of."""
    suffix = {"tables": "csv", "figures": "png"}[wildcards.kind]
    return f"{EXPERIMENT}/{wildcards.kind}/{wildcards.name}.{suffix}"


def table(name, prefix=""):
    """The files of a table, in three forms."""
    forms = {"csv": "csv", "markdown": "md", "latex": "tex"}
    return {
        f"{prefix}{form}": f"{EXPERIMENT}/tables/{name}.{suffix}"
        for form, suffix in forms.items()
    }


def figure(name):
    """The files of a figure, in two forms."""
    return {
        suffix: f"{EXPERIMENT}/figures/{name}.{suffix}" for suffix in ("png", "pdf")
    }


def notes(result, trunks="trunks"):
    """What the notes of a table are taken from: what its datasets hold, and what its CNNs are."""
    return {
        "summaries": expand(
            "results/{dataset}/clips.json", dataset=config[result]["datasets"]
        ),
        trunks: expand("results/cnns/{cnn}/trunk.json", cnn=cnns_of(config, result)),
    }


class Result(NamedTuple):
    """A table or a figure: what its stage reads, what the stage makes, and what it is given of the config."""

    reads: dict
    makes: dict
    given: dict = {}


# The tables and figures in the order of the report. Each is made by the stage of its name, and is a target of its own.
RESULT = {
    "table1": Result(
        {"metrics": runs("table1", *TABLE1), **notes("table1", "trunk")},
        table("table1"),
        {"settings": table1_settings},
    ),
    "table2": Result(
        {
            "metrics": runs(
                "table2",
                "naive",
                *config["table2"]["tensorized"],
                "iss",
                "vib",
                "vib_iss",
            ),
            "second_metrics": runs("table2", "naive", "vib", cnn="second_cnn"),
            "compared": comparison_runs("table2"),
            **notes("table2"),
        },
        table("table2"),
        {"settings": table2_settings},
    ),
    "table3": Result(
        {
            "metrics": runs("table3", *TABLE3),
            "compared": comparison_runs("table3"),
            **notes("table3"),
        },
        table("table3"),
        {"settings": table3_settings},
    ),
    "table4": Result(
        {"metrics": runs("table4", *TABLE4), **notes("table4", "trunk")},
        table("table4"),
        {"settings": table4_settings},
    ),
    "pixels": Result(
        {
            "metrics": runs("table1", "naive", "vib"),
            "models": pixels_models,
            "store": store_file(TABLE1_DATASET, config["table1"]["cnn"]),
            "parts": part_files(TABLE1_DATASET, config["table1"]["cnn"]),
            "clips": f"results/{TABLE1_DATASET}/clips.parquet",
        },
        figure("pixels"),
        {"settings": pixels_settings},
    ),
    "figure1": Result(
        {"gated": trained_cell}, figure("figure1"), {"threshold": cell_threshold}
    ),
    "figure2": Result(
        {"metrics": runs("figure2", "naive", "vib")},
        figure("figure2"),
        {"settings": figure2_settings},
    ),
    "figure3": Result({"table": table("table2")["csv"]}, figure("figure3")),
    "figure4": Result(
        {"metrics": runs("figure4", "naive", "small", "vib")},
        figure("figure4"),
        {"settings": figure4_settings},
    ),
    "figure5": Result(
        {"metrics": runs("figure5", "naive", "vib")},
        figure("figure5"),
        {"settings": figure5_settings},
    ),
    "pareto": Result(
        {"metrics": runs("pareto", *PARETO)},
        {"csv": table("pareto")["csv"]} | figure("pareto"),
    ),
    "curves": Result({"histories": histories}, figure("curves")),
}


# The contact sheets of the flow, one a dataset.
SHEET = figure("flow_{dataset}")
SHEETS = expand(SHEET["png"], dataset=sorted(datasets_with_flow(config)))

# What the report shows, and the texts and the form of its page.
TABLE_PI, PARTS = table("table_pi"), table("table_pi_parts", "parts_")
FIGURE_PI = figure("figure_pi")
REPORTED = [
    *(RESULT[f"table{number}"].makes["csv"] for number in range(1, 5)),
    TABLE_PI["csv"],
    RESULT["pixels"].makes["png"],
    *(RESULT[f"figure{number}"].makes["png"] for number in range(1, 6)),
    FIGURE_PI["png"],
    RESULT["pareto"].makes["png"],
    RESULT["curves"].makes["png"],
    *SHEETS,
]
PAGE = [PACKAGE / f"results/report/{name}" for name in ("page.html", "sections.yaml")]

# The datasets that some result is of.
DATASETS = {name for result in RESULTS for name in config[result]["datasets"]}

# All that `all` makes.
TARGETS = [
    *(file for result in RESULT.values() for file in result.makes.values()),
    *TABLE_PI.values(),
    *PARTS.values(),
    *FIGURE_PI.values(),
    *SHEETS,
    *map(explained, REPORTED),
    f"{EXPERIMENT}/report.html",
]
