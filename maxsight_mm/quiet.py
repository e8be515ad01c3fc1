"""Keeps one line of the stack off standard output.

``mmdet.datasets`` and ``mmdet.datasets.transforms`` of the maintained fork each
print that a commercial data client is not installed. They mark the message as
debug, but ``print_log`` without a logger prints at any level. The line means
nothing to our users and breaks programs whose output is read by a program.
"""

from functools import wraps

import mmengine.logging

NOTICE = 'Could not import OneDL. Skipping OneDL datasets.'


def drop_onedl_notice() -> None:
    """Make ``mmengine.logging.print_log`` leave out that one message.

    To be called before anything imports ``mmdet.datasets``. Calling it again
    changes nothing.
    """
    print_log = mmengine.logging.print_log
    if hasattr(print_log, '__wrapped__'):
        return

    @wraps(print_log)
    def without_notice(msg, *args, **kwargs):
        if msg != NOTICE:
            print_log(msg, *args, **kwargs)

    mmengine.logging.print_log = without_notice
