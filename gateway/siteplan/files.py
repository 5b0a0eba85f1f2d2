"""A site file in either of its formats, by the ending of its name."""

from pathlib import Path

from gateway.siteplan import csvfile, tomlfile
from gateway.siteplan.plan import Plan, WrongFile

LIMIT_BYTES = 64 * 1024 * 1024


def read(path: Path) -> Plan:
    """What that file says: TOML if it is called so, else CSV.

    Raises:
        WrongFile: with every mistake in it.
        OSError: it cannot be read.
    """
    if path.stat().st_size > LIMIT_BYTES:
        raise WrongFile(path.name, [f"it is larger than {LIMIT_BYTES // 2**20} MiB: split it"])
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WrongFile(
            path.name, ["it is not UTF-8: save it as “CSV UTF-8” (in Excel: Save as)"]
        ) from None
    read_text = tomlfile.read if path.suffix.lower() == ".toml" else csvfile.read
    return read_text(text, path.name)
