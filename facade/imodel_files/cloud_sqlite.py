"""Block-based checkpoints: Cloud Backed SQLite containers, the format of version 2 checkpoints in object storage.

A container is a folder with a manifest (``manifest.bcv``) and blocks (``<ID>.bcv``). The manifest lists the databases
and the blocks of each. All blocks have the same size. A database file is the concatenation of its blocks, truncated to
the size in its SQLite header.

`parse_manifest` lists the databases of a container. `assemble` creates a database file; `check_block` and
`database_size` help to fetch the blocks in another order. `new_manifest`, `add_database` and `compose_manifest` create
a container. `docs/checkpoints.md` has examples.

This module does not use the network: the caller supplies the blocks.
"""

from imodel_files._cloud_blocks import (
    LARGEST_BLOCK,
    LARGEST_ID,
    SMALLEST_BLOCK,
    SMALLEST_ID,
    block_digest,
    block_name,
    check_block,
    new_block_id,
)
from imodel_files._cloud_changing import add_database, block_keys, remove_database, shared_blocks, used_blocks
from imodel_files._cloud_database import assemble, cut, database_size
from imodel_files._cloud_errors import (
    BlockError,
    CloudSqliteError,
    DatabaseFileError,
    DatabaseNotFoundError,
    ManifestError,
)
from imodel_files._cloud_lists import BlockList
from imodel_files._cloud_manifest import (
    LARGEST_MANIFEST,
    LONGEST_NAME,
    MANIFEST_NAME,
    Database,
    DeletedBlock,
    Manifest,
    new_manifest,
)
from imodel_files._cloud_manifest_format import FORMAT_VERSION, compose_manifest, parse_manifest

__all__ = [
    "FORMAT_VERSION",
    "LARGEST_BLOCK",
    "LARGEST_ID",
    "LARGEST_MANIFEST",
    "LONGEST_NAME",
    "MANIFEST_NAME",
    "SMALLEST_BLOCK",
    "SMALLEST_ID",
    "BlockError",
    "BlockList",
    "CloudSqliteError",
    "Database",
    "DatabaseFileError",
    "DatabaseNotFoundError",
    "DeletedBlock",
    "Manifest",
    "ManifestError",
    "add_database",
    "assemble",
    "block_digest",
    "block_keys",
    "block_name",
    "check_block",
    "compose_manifest",
    "cut",
    "database_size",
    "new_block_id",
    "new_manifest",
    "parse_manifest",
    "remove_database",
    "shared_blocks",
    "used_blocks",
]
