"""The section `[console]`: what the operator of the system gives of their own to its pages."""

from pathlib import Path

from gateway.settings.base import Section


class Console(Section):
    """The pages of dispatchers and supervisors."""

    outline_file: Path | None = None
    """The districts as GeoJSON (WGS 84), for the wall's schematic map."""
    procedures_file: Path | None = None
    """What to do, step by step, by the kind of the alarm; default: ours."""
    plans_folder: Path = Path("plans")
    """The pictures of floors that the site file names; each gateway has its own copy."""
