"""How many files this process, and those it starts, may open."""

import resource


def as_many_files_as_allowed() -> int:
    """Raise the soft limit to the hard one; the limit."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most
