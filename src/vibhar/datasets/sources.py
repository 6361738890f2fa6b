"""The addresses, sizes and checksums of the datasets' archives."""

from typing import NamedTuple


class Source(NamedTuple):
    """An archive's URL, its size in bytes and its SHA-256; None where no published record was found."""

    url: str
    size: int | None
    sha256: str | None


UCF = "https://www.crcv.ucf.edu/data"
BROWN = "https://serre-lab.clps.brown.edu/wp-content/uploads/2013/10"

# The archive of each folder of a dataset. The checksums of HMDB51 and UCF101 are recorded in torchvision
# (torchvision/prototype/datasets/_builtin/{hmdb51,ucf101}.py); that of UCF101's lists, with their size, in TensorFlow
# Datasets as well (url_checksums/ucf101.txt). The size of UCF101.rar is the server's Content-Length, as recorded in
# public scripts. Brown's server was reported to be down in 2025 (voxel51/fiftyone, pull request 6528): a
# copy from elsewhere can be used, because the checksum shows whether it is the same file.
SOURCES = {
    "ucf11": {"UCF11_updated_mpg": Source(f"{UCF}/UCF11_updated_mpg.rar", None, None)},
    "hmdb51": {
        "hmdb51_org": Source(
            f"{BROWN}/hmdb51_org.rar", None, "9e714a0d8b76104d76e932764a7ca636f929fff66279cda3f2e326fa912a328e"
        ),
        "testTrainMulti_7030_splits": Source(
            f"{BROWN}/test_train_splits.rar", None, "229c94f845720d01eb3946d39f39292ea962d50a18136484aa47c1eba251d2b7"
        ),
    },
    "ucf101": {
        "UCF-101": Source(
            f"{UCF}/UCF101/UCF101.rar", 6932971618, "ca8dfadb4c891cb11316f94d52b6b0ac2a11994e67a0cae227180cd160bd8e55"
        ),
        "ucfTrainTestlist": Source(
            f"{UCF}/UCF101/UCF101TrainTestSplits-RecognitionTask.zip",
            113943,
            "5c0d1a53b8ed364a2ac830a73f405e51bece7d98ce1254fd19ed4a36b224bd27",
        ),
    },
}
