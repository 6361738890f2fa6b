"""Arrays, lists and videos that change without changing their size are noticed by a run and by verify."""

import os
from pathlib import Path

import numpy as np
import pytest

from tests.workflow.conftest import Workflow

TABLE = "results/default/tables/table2.csv"
