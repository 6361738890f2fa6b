"""The sizes of the comparison systems at full scale, part by part."""

from vibhar.compression.sizes import count_convolutional_lstm_parameters, count_linear_parameters, count_lstm_parameters
from vibhar.models.full_scale import full_scale_sizes

VGG_TO_FC6, GOOGLENET, INCEPTION, I3D_RGB = 117_479_232, 5_599_904, 21_785_568, 12_287_264


def test_the_sizes_of_ucf101() -> None:
    sizes = full_scale_sizes(101)
    assert sizes["Two-Stream"].recurrent == 2 * count_lstm_parameters(512, 256) + count_lstm_parameters(4096, 256)
    assert sizes["Two-Stream"].total == VGG_TO_FC6 + 6_035_456 + count_linear_parameters(256, 101)
    attention = sizes["Attention-ConvLSTM"]
    assert attention.recurrent == count_convolutional_lstm_parameters(256, 256) == 4_718_592
    reduction = count_linear_parameters(1024, 256)
    window = count_linear_parameters(256, 16) + count_linear_parameters(16 * 49, 6)
    around = GOOGLENET + reduction + window + count_linear_parameters(256, 101)
    assert attention.total == around + 4_718_592 == 10_615_675
    assert sizes["Naive-TS-LSTM"] == (
        2 * INCEPTION + 9_441_280 + 3 * 2 * 4096 + count_linear_parameters(512, 101),
        9_441_280,
    )
    heads, missing_colour = 2 * count_linear_parameters(1024, 101), 64 * 7**3
    assert sizes["Two-Stream I3D"] == (2 * I3D_RGB - missing_colour + heads, 0) == (24_759_626, 0)
