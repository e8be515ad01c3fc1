"""How hard the scene is to walk through."""

from maxsight_mm.registry import MODELS

from .image_share_head import ImageShareHead


@MODELS.register_module()
class NavigationDifficultyHead(ImageShareHead):
    """Difficulty: what blocks the way, what moves, how dark it is."""

    task = 'navigation_difficulty'
    targets = ('navigation_difficulty',)
