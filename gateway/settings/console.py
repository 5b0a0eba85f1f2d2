"""The console: what the operator gives of their own."""

from pathlib import Path

from gateway.settings.base import Section


class Console(Section):
    """The pages of dispatchers and supervisors."""

    outline_file: Path | None = None
    """The districts as GeoJSON (WGS 84), for the wall's schematic map."""
