"""Generate the Python stubs beside the .proto files: ``python protos/generate.py [--check]``.

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


def write_image(path: Path) -> None:
    """Write the contract with its imports and comments as one descriptor set (a buf image)."""
    with tempfile.TemporaryDirectory() as scratch:
        flags = ("--include_imports", "--include_source_info", f"--descriptor_set_out={path}")
        run_protoc(Path(scratch), *flags, *contract_protos())


def write_baseline(path: Path) -> None:
    """Write the contract alone, without comments or imports: what must not be broken."""
    with tempfile.TemporaryDirectory() as scratch:
        run_protoc(Path(scratch), f"--descriptor_set_out={path}", *contract_protos())


def main() -> None:
    """Generate, or say what has drifted, or write descriptor sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument("--check", action="store_true", help="only say whether stubs are stale")
    modes.add_argument("--image", type=Path, help="write a descriptor set for buf instead")
    modes.add_argument("--baseline", type=Path, help="write the breaking-change baseline instead")
    options = parser.parse_args()
    if options.image:
        write_image(options.image)
    elif options.baseline:
        write_baseline(options.baseline)
    elif options.check:
        if stale := drift():
            sys.exit("stale stubs (run `make proto`): " + ", ".join(stale))
    else:
        generate_into(ROOT)


if __name__ == "__main__":
    main()
