"""The program's compiled form beside it: without it every run is longer about its own source than about the gateway."""

import importlib.util
import pathlib
import py_compile
import tempfile

from .place import write

LIBRARY = "/usr/local/lib/trunkline/trunkline_gateway"


def compile_program(root):
    """
    Below `root`. Python compares it with the source at each import, so that what somebody changed by hand runs as it is now.
    Each file is durable before it has its name: Python takes half a compiled file for a whole one.
    """
    with tempfile.TemporaryDirectory() as folder:
        draft = pathlib.Path(folder) / "draft"
        for source in sorted(pathlib.Path(f"{root}{LIBRARY}").glob("*.py")):
            checked = py_compile.PycInvalidationMode.CHECKED_HASH
            py_compile.compile(str(source), cfile=str(draft), doraise=True, invalidation_mode=checked)
            write(importlib.util.cache_from_source(str(source)), draft.read_bytes())
