"""Settings of every test: one thread of arithmetic, and no clock on properties."""

import torch
from hypothesis import settings

torch.set_num_threads(1)
settings.register_profile("project", deadline=None)
settings.load_profile("project")
