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
