"""Generate the Python stubs beside the .proto files; see ``--help``.

``buf/validate/validate.proto`` is shipped by no package, so its descriptor is taken from
protovalidate; ``google/api`` comes with googleapis-common-protos. Nothing is downloaded.
"""

from __future__ import annotations

import argparse
import filecmp
import importlib
import sys
import tempfile
from importlib import resources
from pathlib import Path
from typing import Final

import google.api
from google.protobuf import descriptor_pb2
from grpc_tools import protoc
from protovalidate._gen.buf.validate import validate_pb

ROOT: Final = Path(__file__).resolve().parent
# The contract that clients out there rely on, as a descriptor set without imports or comments.
BASELINE: Final = ROOT / "baseline.binpb"
VALIDATE_PROTO: Final = "buf/validate/validate.proto"


def contract_protos() -> list[str]:
    """Names of the contract's .proto files, relative to ``protos``."""
    return sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("practice/**/*.proto"))


def include_dirs() -> list[str]:
    """Where protoc finds the contract, ``google/api`` and ``google/protobuf``."""
    google_api = Path(next(iter(google.api.__path__))).parents[1]
    well_known = resources.files("grpc_tools") / "_proto"
    return [str(ROOT), str(google_api), str(well_known)]


def write_validate_descriptor(folder: Path) -> Path:
    """Write buf/validate/validate.proto and its imports as a descriptor set; return its path."""
    descriptor_set = descriptor_pb2.FileDescriptorSet()
    for name in ("descriptor", "duration", "field_mask", "timestamp"):
        module = importlib.import_module(f"google.protobuf.{name}_pb2")
        descriptor_set.file.add().ParseFromString(module.DESCRIPTOR.serialized_pb)
    descriptor_set.file.add().ParseFromString(validate_pb.desc().proto.to_binary())
    path = folder / "validate.binpb"
    path.write_bytes(descriptor_set.SerializeToString())
    return path


def run_protoc(folder: Path, *arguments: str) -> None:
    """Run protoc with every include; exit with its own message when it fails."""
    descriptors = write_validate_descriptor(folder)
    includes = [f"-I{path}" for path in include_dirs()]
    status = protoc.main(["protoc", *includes, f"--descriptor_set_in={descriptors}", *arguments])
    if status != 0:
        raise SystemExit(status)


def generate_into(folder: Path) -> list[Path]:
    """Write every stub under ``folder``; return their paths relative to it."""
    protos = contract_protos()
    services = [name for name in protos if "\nservice " in (ROOT / name).read_text("utf-8")]
    with tempfile.TemporaryDirectory() as scratch:
        outputs = (f"--python_out={folder}", f"--pyi_out={folder}")
        run_protoc(Path(scratch), *outputs, *protos, VALIDATE_PROTO)
        run_protoc(Path(scratch), f"--grpc_python_out={folder}", *services)
    return sorted(path.relative_to(folder) for path in folder.rglob("*_pb2*"))


def committed_stubs() -> list[Path]:
    """Paths of the stubs in the tree, relative to ``protos``."""
    return sorted(
        path.relative_to(ROOT)
        for path in ROOT.rglob("*_pb2*")
        if path.suffix in {".py", ".pyi"} and "rpc" not in path.parts
    )


def drift() -> list[str]:
    """Names of stubs that are missing, left over, or not what the .proto files generate."""
    with tempfile.TemporaryDirectory() as fresh:
        expected = generate_into(Path(fresh))
        differing = [
            path
            for path in expected
            if not (ROOT / path).is_file()
            or not filecmp.cmp(ROOT / path, Path(fresh) / path, shallow=False)
        ]
    left_over = set(committed_stubs()) - set(expected)
    return sorted(path.as_posix() for path in {*differing, *left_over})


def contract_set(*flags: str) -> bytes:
    """Return the contract as a serialized FileDescriptorSet."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "contract.binpb"
        run_protoc(Path(scratch), *flags, f"--descriptor_set_out={path}", *contract_protos())
        return path.read_bytes()


def write_images(folder: Path) -> None:
    """Write what buf compares: ``contract.binpb`` with comments, and ``baseline.binpb``.

    The committed baseline has no imports, so those of today are put behind it: serialized
    descriptor sets concatenate.
    """
    (folder / "contract.binpb").write_bytes(
        contract_set("--include_imports", "--include_source_info")
    )
    everything = descriptor_pb2.FileDescriptorSet.FromString(contract_set("--include_imports"))
    ours = set(contract_protos())
    imports = [file for file in everything.file if file.name not in ours]
    (folder / "baseline.binpb").write_bytes(
        BASELINE.read_bytes() + descriptor_pb2.FileDescriptorSet(file=imports).SerializeToString()
    )


def check() -> None:
    """Exit with a sentence when stubs or baseline are not what the .proto files say."""
    stale = drift()
    if not BASELINE.is_file() or contract_set() != BASELINE.read_bytes():
        stale.append(BASELINE.name)
    if stale:
        sys.exit("not what the .proto files say (run `make proto`): " + ", ".join(stale))


def main() -> None:
    """Generate, or check, or write descriptor sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument("--check", action="store_true", help="write nothing; fail on drift")
    modes.add_argument("--images", type=Path, metavar="DIR", help="write descriptor sets for buf")
    modes.add_argument(
        "--baseline", action="store_true", help="take today's contract as the one not to break"
    )
    options = parser.parse_args()
    if options.check:
        check()
    elif options.images:
        options.images.mkdir(parents=True, exist_ok=True)
        write_images(options.images)
    elif options.baseline:
        BASELINE.write_bytes(contract_set())
    else:
        generate_into(ROOT)


if __name__ == "__main__":
    main()
