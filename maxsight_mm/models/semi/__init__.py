from .cross_view_transformer import CrossViewTransformer
from .teacher_views import TeacherViews

__all__ = ['CrossViewTransformer', 'TeacherViews']
