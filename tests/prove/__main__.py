"""`make prove`: every proof in its long form, one after the other; the report in the reference.

What was proven at this commit is not proven again; a proof that fails does not stop the others.
"""

import argparse
import signal
import sys
import time

from tests.harness import revision
from tests.prove import catalog, keeping, report, runner
from tests.prove.catalog import Proof
from tests.prove.found import Size
from tests.prove.keeping import Kept

SHORT_WITHIN_S = 300.0


def prove(proof: Proof, size: Size, commit: str) -> Kept:
    """Prove it, and keep what was found."""
    started, found, failed = time.monotonic(), None, ""
    try:
        within_s = SHORT_WITHIN_S if size is Size.SHORT else proof.within_s
        found = runner.run(proof, size, within_s)
    except runner.NotProven as error:
        failed = str(error)
    kept = Kept(
        key=proof.key,
        says=proof.says,
        size=size,
        commit=commit,
        at=keeping.now(),
        took_s=time.monotonic() - started,
        machine=keeping.machine(),
        found=found,
        failed=failed,
    )
    keeping.save(kept, keeping.BUILD / commit / size)
    if size is Size.LONG:
        keeping.save(kept, keeping.REFERENCE)
    return kept


def main() -> int:
    """Read the arguments, prove, report; 1 where something falls short."""
    arguments = _arguments()
    try:
        proofs = catalog.chosen(arguments.only)
    except KeyError as error:
        print(f"there is no proof {error}; --list names them", file=sys.stderr)
        return 2
    if arguments.report:
        report.write()
        return 0
    if arguments.list:
        print("\n".join(f"{proof.key:24s} {proof.says}" for proof in proofs))
        return 0
    size = Size.SHORT if arguments.short else Size.LONG
    commit = revision.commit()
    done = {kept.key: kept for kept in keeping.load(keeping.BUILD / commit / size)}
    results = []
    for number, proof in enumerate(proofs, 1):
        kept = None if arguments.again else done.get(proof.key)
        print(f"[{number}/{len(proofs)}] {proof.key}: {proof.says}", flush=True)
        if kept is None or kept.failed:
            kept = prove(proof, size, commit)
        else:
            print("  proven at this commit already; --again proves it anew")
        report.show(kept)
        results.append(kept)
    if size is Size.LONG:
        report.write()
    return 0 if all(kept.found and not kept.found.short_of for kept in results) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.prove", description=__doc__)
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="may be repeated"
    )
    parser.add_argument("--again", action="store_true", help="prove what is proven already")
    parser.add_argument("--short", action="store_true", help="the short form; writes no report")
    parser.add_argument("--list", action="store_true", help="name the proofs")
    parser.add_argument("--report", action="store_true", help="only write the report anew")
    return parser.parse_args()


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("stopped; what was proven is kept", file=sys.stderr)
        sys.exit(130)
