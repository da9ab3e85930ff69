"""What templates of backups format with."""

from django import template

from backups.private_files import size_words

register = template.Library()


@register.filter
def size(count: int) -> str:
    """Say a size in the words that commands and sentences use: ``1.2 GB``."""
    return size_words(count)
