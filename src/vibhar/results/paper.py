"""The numbers in the paper's tables (Srivastava et al., WACV 2021), with notes on inconsistent ones."""

from typing import NamedTuple


class Printed(NamedTuple):
    """A row of one of the paper's tables, exactly as printed; accuracy in percent."""

    total_params: str
    lstm_params: str
    accuracy: float | None
    note: str = ""


# method: Table 1, on UCF11; the parameters of a model are those of its LSTM.
WITH_HEAD = "the paper's count of the four tensor methods is without LSTM biases and with the FC layer (2827)"
END_TO_END = {
    "Naive-LSTM": Printed(
        "", "59.246M", 69.7, "of the printed counts this one and VIB-LSTM's are without the FC layer"
    ),
    "TT-LSTM": Printed("", "0.268M", 79.6, WITH_HEAD),
    "BT-LSTM": Printed("", "0.268M", 85.3, WITH_HEAD),
    "TR-LSTM": Printed("", "0.267M", 86.9, WITH_HEAD),
    "HT-LSTM": Printed("", "0.266M", 87.9, f"{WITH_HEAD}; its own paper has an accuracy of 87.2"),
    "VIB-LSTM": Printed("", "0.1778M", 85.4, "the paper's ratio is 332.2; 59.246M over 0.1778M is 333.2"),
}

# (kind of dataset, method): Table 2 for UCF11, Table 3 for HMDB51 and UCF101.
TS_LSTM = "the paper's total is one ResNet-101 with its classifier and an LSTM"
COMPRESSION = {
    ("ucf11", "Two-Stream"): Printed(
        "134.3M",
        "5.9M",
        94.6,
        "the paper's total is VGG-16 without the LSTMs; its text has RGB and flow, the system maps and features of RGB",
    ),
    ("ucf11", "Attention-ConvLSTM"): Printed("10.03M", "4.72M", 93.48),
    ("hmdb51", "Attention-ConvLSTM"): Printed("10.03M", "4.72M", 67.1),
    ("ucf101", "Attention-ConvLSTM"): Printed("10.03M", "4.72M", 92.88),
    ("hmdb51", "Two-Stream I3D"): Printed("25M", "-", 66.4),
    ("ucf101", "Two-Stream I3D"): Printed("25M", "-", 93.4),
    ("hmdb51", "TS-LSTM"): Printed("53.5M", "9M", 69.0, TS_LSTM),
    ("ucf101", "TS-LSTM"): Printed("53.5M", "9.44M", 94.3, f"{TS_LSTM}; its own paper has 94.1"),
    ("hmdb51", "Naive-TS-LSTM"): Printed(
        "55.38M", "33.57M", 69.0, "the paper's accuracy is that of TS-LSTM, to the digit"
    ),
    ("ucf101", "Naive-TS-LSTM"): Printed("48.41M", "9.44M", 93.5, "the paper's total fits no count of its parts"),
    ("hmdb51", "TS-VIB-LSTM"): Printed(
        "21.86M", "0.41M", 68.16, "the paper's total is below the sum of its parts, 22.20M"
    ),
    ("ucf101", "TS-VIB-LSTM"): Printed(
        "21.86M", "0.46M", 93.15, "the paper's total is below the sum of its parts, 22.28M"
    ),
    ("ucf11", "Naive-LSTM"): Printed("55.38M", "33.57M", 98.53),
    ("ucf11", "TR-LSTM"): Printed(
        "23.15M",
        "1.340M",
        93.8,
        "1.340M is the naive LSTM divided by a ratio of its input-to-hidden part alone; TR-LSTM's ranks give 17.46M",
    ),
    ("ucf11", "VIB-LSTM"): Printed(
        "21.86M",
        "2052",
        98.53,
        "the paper's text gives 49 inputs and 9 hidden units, which are 2160 parameters; a dense total is 21.79M",
    ),
    ("ucf11", "ISS-LSTM"): Printed("21.97M", "0.16M", 94.6),
    ("ucf11", "VIB+ISS-LSTM"): Printed(
        "21.86M", "1680", 90.2, "1680 is an LSTM of 52 inputs and 7 hidden units with one bias vector; torch's is 1708"
    ),
    ("ucf11", "EfficientNet+VIB-LSTM"): Printed(
        "7.8M", "1680", 96.6, "the paper's total counts an ImageNet classifier that is not used; its LSTM is VIB+ISS's"
    ),
    ("hmdb51", "Naive-LSTM"): Printed("55.38M", "33.57M", 62.9, "the paper's total has an 11-class layer"),
    ("hmdb51", "TR-LSTM"): Printed(
        "55.38M", "1.340M", 63.8, "the paper's total is the naive LSTM's; TR-LSTM's ranks give 17.46M LSTM parameters"
    ),
    ("hmdb51", "VIB-LSTM"): Printed("21.86M", "0.41M", 64.5, "the paper's total is below the sum of its parts, 22.20M"),
    ("ucf101", "Naive-LSTM"): Printed("48.41M", "9.44M", 92.6, "the paper's total fits no count of its parts"),
    ("ucf101", "ISS-LSTM"): Printed("59.57M", "1.7M", 90.2, "the paper's total is that of another model"),
    ("ucf101", "VIB-LSTM"): Printed("21.86M", "0.46M", 92.2, "the paper's total is below the sum of its parts, 22.28M"),
}

# method: Table 4, on UCF11.
ABLATION = {
    "no bottleneck": Printed("55.38M", "33.57M", 98.53),
    "input bottleneck": Printed("38.81M", "17.06M", 98.53, "the paper's total is below the sum of its parts, 38.86M"),
    "gate bottlenecks": Printed("21.92M", "65856", 98.53),
    "both": Printed("21.86M", "2052", 98.53, "the paper's total is above the sum of its parts, 21.79M"),
}

# bundle: latency of a single clip, from the README of the authors' code; the paper only prints a ratio.
LATENCY = {"naive": "1.26 s", "vib": "13 ms (the paper: up to 100 times faster)"}
