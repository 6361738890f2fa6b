"""Stage: render one of the embedded datasets as video files."""

from pathlib import Path

from vibhar.datasets.rendered import render_dataset
from vibhar.stages.command import Settings, run


def render(*, root: Path, settings: Settings) -> None:
    """Render the dataset that `settings` describes (the arguments of `render_dataset`) into the folder `root`."""
    render_dataset(root=root, **settings)


if __name__ == "__main__":
    run(render)
