"""Messages for configs that are wrong, and the configs that the project ships."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from vibhar.errors import InputError
from vibhar.workflow.config import check_config, merge
from vibhar.workflow.config_messages import check_repeated_keys

REPOSITORY = Path(__file__).parents[2]
SCHEMA = yaml.safe_load((REPOSITORY / "workflow/schemas/config.schema.yaml").read_text())


@pytest.fixture
def config() -> dict[str, Any]:
    return yaml.safe_load((REPOSITORY / "config.yaml").read_text())


def test_the_default_is_valid_and_is_completed(config: dict[str, Any]) -> None:
    before = copy.deepcopy(config)
    checked = check_config(config, SCHEMA)
    assert checked["datasets"]["rendered_ucf11"]["folds"] == 5
    assert checked["vib"]["training"]["patience"] is None
    assert config == before


def test_an_unknown_key_is_named_with_the_nearest_known_one(config: dict[str, Any]) -> None:
    config["vib"]["training"]["gate_learning_rat"] = 1.0
    with pytest.raises(InputError, match=r"`gate_learning_rat` at vib.training. Did you mean `gate_learning_rate`"):
        check_config(config, SCHEMA)


@pytest.mark.parametrize(("text", "advice"), [("1e-5", "1.0e-5"), ("1E5", "1.0e+5"), ("2.5e3", "2.5e+3")])
def test_a_number_that_yaml_reads_as_text(config: dict[str, Any], text: str, advice: str) -> None:
    config["vib"]["betas"][1] = yaml.safe_load(text)
    with pytest.raises(InputError) as raised:
        check_config(config, SCHEMA)
    assert "vib.betas.1" in str(raised.value)
    assert f"Write {advice}." in str(raised.value)
    assert yaml.safe_load(advice) == float(text)


@pytest.mark.parametrize("text", ["0.05", "5.0e-2", "3"])
def test_a_number_that_is_text(config: dict[str, Any], text: str) -> None:
    config["vib"]["betas"] = [text]  # as `--config 'vib={betas: [0.05]}'` gives it
    with pytest.raises(InputError) as raised:
        check_config(config, SCHEMA)
    assert "`vib.betas.0` is the text" in str(raised.value)
    assert "--configfile mine.yaml" in str(raised.value)
    assert "Write" not in str(raised.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("experiment: 2023_11_27", "`experiment` is 20231127 to YAML, not a text.*in quotes"),
        ("experiment: 2023-11-27", "`experiment` is datetime.date.*in quotes"),
        ("experiment: on", "`experiment` is True to YAML.*in quotes"),
        ("experiment: 1.5", "`experiment` is 1.5 to YAML.*in quotes"),
        ("experiment:", "`experiment` is empty"),
        ("vib:", "`vib` is empty"),
        ("seeds: 0", r"`seeds` is 0, not a list. Write \[0\]"),
        ("small: {hidden: 2}", r"`small.hidden` is 2, not a list. Write \[2\]"),
        ("datasets: {2023: {}}", "key 2023 at datasets.*in quotes"),
        ("datasets: {on: {}}", "key True at datasets.*in quotes"),
        ("naive: {epochs: '3'}", "`naive.epochs` is the text '3'.*configfile"),
        ("vib: {target: {training: {one_cycle: 'false'}}}", "one_cycle` is the text 'false'.*configfile"),
        ("vib: {distillation: {mixup: 'no'}}", "mixup` is the text 'no'.*configfile"),
    ],
)
def test_what_yaml_reads_as_something_else(config: dict[str, Any], line: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_config(merge(config, yaml.safe_load(line)), SCHEMA)


def test_a_key_that_stands_twice() -> None:
    text = "vib:\n  betas: [1.0]\n  start: naive\n  betas: [2.0]\n"
    with pytest.raises(InputError, match=r"`betas` of mine.yaml stands there twice.*line 4"):
        check_repeated_keys(text, "mine.yaml")
    check_repeated_keys("a: {x: 1}\nb: {x: 2, y: [{x: 1}, {x: 1}]}\n", "mine.yaml")
    check_repeated_keys("", "mine.yaml")


@pytest.mark.parametrize("backend", ["numba", "torch"])
def test_an_illumination_term_that_the_backend_lacks(config: dict[str, Any], backend: str) -> None:
    config["flow"] = {"backend": backend, "parameters": {"gamma": 0.1}}
    with pytest.raises(InputError, match=rf"gamma` is 0\.1.*{backend} has no illumination term"):
        check_config(config, SCHEMA)
    config["flow"]["backend"] = "opencv"
    check_config(config, SCHEMA)


def test_a_beta_twice(config: dict[str, Any]) -> None:
    config["vib"]["betas"] = [1.0e-3, 0.01, 0.001]
    with pytest.raises(InputError, match=r"0\.001 twice"):
        check_config(config, SCHEMA)


def test_root_and_render_exclude_each_other(config: dict[str, Any]) -> None:
    config["datasets"]["rendered_ucf11"]["root"] = "videos"
    with pytest.raises(InputError, match="both or neither of `root`"):
        check_config(config, SCHEMA)


def test_a_dataset_overrides_the_leaves_that_it_names(config: dict[str, Any]) -> None:
    config["vib"]["training"]["label_smoothing"] = 0.3
    config["datasets"]["rendered_ucf11"] |= {"vib": {"betas": [0.5], "training": {"epochs": 7}}, "naive": {"epochs": 3}}
    checked = check_config(config, SCHEMA)
    own = checked["datasets"]["rendered_ucf11"]
    assert own["vib"] == checked["vib"] | {"betas": [0.5], "training": checked["vib"]["training"] | {"epochs": 7}}
    assert own["vib"]["training"]["label_smoothing"] == 0.3  # not the schema's default
    assert own["naive"] == checked["naive"] | {"epochs": 3}
    assert own["lstm"] == checked["lstm"]
    assert checked["vib"]["training"]["epochs"] != 7


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"naive": {"epochs": 0}}, "`datasets.rendered_ucf11.naive.epochs` is wrong: 0 is less than"),
        ({"vib": {"training": {"epoch": 3}}}, "unknown key `epoch` at datasets.rendered_ucf11.vib.training"),
        ({"finetune": 3}, "`datasets.rendered_ucf11.finetune` is wrong: 3 is not of type 'object'"),
        ({"vib": {"betas": [0.1, 0.1]}}, "`datasets.rendered_ucf11.vib.betas` holds 0.1 twice"),
    ],
)
def test_a_wrong_override(config: dict[str, Any], override: dict[str, Any], message: str) -> None:
    config["datasets"]["rendered_ucf11"] |= override
    with pytest.raises(InputError, match=message):
        check_config(config, SCHEMA)


@pytest.mark.parametrize(
    ("cnn", "message"),
    [
        ({"backbone": "pixels", "weights": "none"}, r"needs `size: \[rows, columns\]`"),
        ({"backbone": "pixels", "weights": "none", "size": [160]}, "`cnns.mine.size` is wrong"),
        (
            {"backbone": "pixels", "weights": "imagenet", "size": [40, 30]},
            "external, pixels, fused have `weights: none`",
        ),
        ({"backbone": "mobilenet_v2", "weights": "none"}, "the others need weights"),
        ({"backbone": "mobilenet_v2", "weights": "random", "size": [40, 30]}, "size of their own, and take none"),
    ],
)
def test_a_cnn_with_what_its_backbone_cannot_have(config: dict[str, Any], cnn: dict[str, Any], message: str) -> None:
    config["cnns"]["mine"] = cnn
    with pytest.raises(InputError, match=message):
        check_config(config, SCHEMA)


def test_table1_is_of_pixels(config: dict[str, Any]) -> None:
    config["table1"]["cnn"] = "small_cnn"
    with pytest.raises(InputError, match="`table1` is of raw pixels, but its CNN 'small_cnn'"):
        check_config(config, SCHEMA)


def test_a_figure_of_an_unknown_dataset(config: dict[str, Any]) -> None:
    config["figure5"]["datasets"] = ["ucf102"]
    with pytest.raises(InputError, match="`figure5` names 'ucf102', which `datasets` does not define"):
        check_config(config, SCHEMA)


def test_a_second_cnn_that_is_unknown_and_one_that_is_not_given(config: dict[str, Any]) -> None:
    del config["table2"]["second_cnn"]
    assert check_config(config, SCHEMA)["table2"]["second_cnn"] is None
    config["table2"]["second_cnn"] = "vgg"
    with pytest.raises(InputError, match="`table2` names 'vgg', which `cnns` does not define"):
        check_config(config, SCHEMA)


def test_an_experiment_named_like_a_dataset(config: dict[str, Any]) -> None:
    config["experiment"] = "rendered_ucf11"
    with pytest.raises(InputError, match="another name"):
        check_config(config, SCHEMA)


def test_every_key_of_the_schema_is_described() -> None:
    def undescribed(schema: dict[str, Any], name: str) -> list[str]:
        own = [] if "description" in schema or name == "" else [name]
        inner = schema.get("properties", {}).items()
        return own + [found for key, value in inner for found in undescribed(value, f"{name}.{key}")]

    assert not undescribed(SCHEMA, "")


@pytest.mark.parametrize("recipe", ["as_published", "as_released"])
@pytest.mark.parametrize("data", [None, "config/paper.yaml", "tests/real/ucf101.yaml"])
def test_a_recipe_goes_over_any_data(config: dict[str, Any], data: str | None, recipe: str) -> None:
    for overlay in filter(None, (data, f"config/{recipe}.yaml")):
        config = merge(config, yaml.safe_load((REPOSITORY / overlay).read_text()))
    checked = check_config(config, SCHEMA)
    assert checked["experiment"] == recipe
    swept = checked["vib"]["betas"]
    assert all(dataset.get("betas", swept) == swept for dataset in checked["datasets"].values())
    assert {checked["table4"]["beta"], checked["iss"]["vib_beta"]} <= set(swept)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cnns": {"small_cnn_both": {"fuse": ["small_cnn"]}}}, "backbone fused and fuses 1 CNNs"),
        ({"cnns": {"small_cnn": {"fuse": ["small_cnn_flow", "small_cnn_maps"]}}}, "the others take none"),
        ({"cnns": {"small_cnn_both": {"fuse": ["small_cnn", "pixels_both"]}}}, "fuses 'pixels_both'. It can fuse"),
        ({"cnns": {"small_cnn": {"crops": 3}}}, "different `crops`"),
        ({"cnns": {"pixels": {"crops": 2}}}, "Leave `crops` at 1"),
        ({"cnns": {"small_cnn_maps": {"weights": "small_cnn_maps"}}}, "has none of its own"),
        ({"comparisons": {"two_stream_lstm": {"cnn": "small_cnn"}}}, "gives no map"),
        ({"comparisons": {"two_stream_lstm": {"cnn": "vgg"}}}, "names 'vgg', which `cnns` does not define"),
        ({"comparisons": {"two_stream_i3d": {"cnn": "small_cnn_both"}}}, "the first of modality rgb"),
    ],
)
def test_cnns_and_comparisons_that_do_not_fit(config: dict[str, Any], change: dict[str, Any], message: str) -> None:
    changed = merge(config, change)
    with pytest.raises(InputError, match=re.escape(message)):
        check_config(changed, SCHEMA)


def test_a_comparison_that_is_not_defined(config: dict[str, Any]) -> None:
    del config["comparisons"]["two_stream_lstm"]
    with pytest.raises(
        InputError, match="`table2` compares with 'two_stream_lstm', which `comparisons` does not define"
    ):
        check_config(config, SCHEMA)
