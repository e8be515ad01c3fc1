"""How much light dazzles."""

from maxsight_mm.registry import MODELS

from .image_share_head import ImageShareHead


@MODELS.register_module()
class GlareHead(ImageShareHead):
    """Share of glare in the picture, 0 none to 1 blinding."""

    task = 'glare'
    targets = ('glare',)
