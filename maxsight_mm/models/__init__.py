from .detectors import *  # noqa: F403
from .heads import *  # noqa: F403
from .losses import *  # noqa: F403
from .passes import *  # noqa: F403
from .safety_heads import *  # noqa: F403
from .task_modules import *  # noqa: F403
