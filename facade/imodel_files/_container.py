"""The outer layers of a changeset file: header and compressed stream."""

import struct
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, BinaryIO, Final

from imodel_files._errors import (
    CorruptStreamError,
    DictionaryTooLargeError,
    NotAChangesetFileError,
    OutputLimitError,
    TrailingBytesError,
    TruncatedFileError,
    UnsupportedVersionError,
)
from imodel_files._limits import Limits

if TYPE_CHECKING:
    from lzma import LZMADecompressor

HEADER: Final = struct.Struct("<H15sxHH")
MARKER: Final = b"ChangeSetLzma"
VERSION: Final = 16
LZMA2: Final = 2
DICTIONARY_BYTE: Final = 0x18
"""The value written by the native library: 16 MiB."""

_STREAM_START: Final = HEADER.size + 1
_READ: Final = 1 << 16
_BLOCK: Final = 1 << 18
_SMALLEST_DICTIONARY: Final = 4096
_LARGEST_DICTIONARY_BYTE: Final = 40
_RATIO_THRESHOLD: Final = 64 << 20
"""The limit on the ratio applies only after this many bytes of output."""

_FIRST_LZMA_CONTROL: Final = 0x80
_UNCOMPRESSED_CONTROLS: Final = frozenset({1, 2})
_PROPERTIES_CONTROL: Final = 0xC0
"""For control bytes from this value up, the header of a chunk is one byte longer."""
_LONGEST_CHUNK_HEAD: Final = 6


def lzma_module() -> ModuleType:
    """Import the `lzma` module, which some builds of Python lack.

    Raises:
        ImportError: This Python was built without it.
    """
    try:
        import lzma  # noqa: PLC0415 - without it, the rest of the package works, and the error is clear
    except ImportError as error:
        raise ImportError(
            "changeset files are compressed with LZMA, but this Python was built without the module _lzma. Use a Python"
            " that was built with the development files of liblzma (xz)."
        ) from error
    return lzma


def dictionary_size(code: int) -> int:
    """Return the dictionary size in bytes that a dictionary byte (0 to 40) encodes."""
    return (1 << 32) - 1 if code == _LARGEST_DICTIONARY_BYTE else (2 | (code & 1)) << (code // 2 + 11)


class PackedStream:
    """The compressed stream of a changeset file whose header has been read and validated.

    Attributes:
        path: The path of the file, for errors.
        consumed: Number of compressed bytes consumed so far.
        produced: Number of decompressed bytes produced so far.
    """

    def __init__(self, file: BinaryIO, path: str, limits: Limits) -> None:
        """Read and check the header.

        Raises:
            ChangesetFileError: The file is not a changeset file, or exceeds the limits.
        """
        self.path = path
        self.consumed = 0
        self.produced = 0
        self._file = file
        self._limits = limits
        self._lzma = lzma_module()
        self._dictionary = self._allowed_dictionary(self._read_header())

    def blocks(self) -> Iterator[bytes]:
        """Yield the decompressed stream in blocks of at most 256 KiB. The stream is complete when the iterator ends.

        Raises:
            ChangesetFileError: The stream is truncated, damaged, too large, or followed by extra bytes.
        """
        decoder = self._decoder()
        while not decoder.eof:
            data = b""
            if decoder.needs_input:
                data = self._file.read(_READ)
                if not data:
                    raise TruncatedFileError(self.path, "the file is truncated", self.consumed)
                self.consumed += len(data)
            try:
                block = decoder.decompress(data, _BLOCK)
            except self._lzma.LZMAError as error:
                del decoder  # free its memory before locating the damage
                raise CorruptStreamError(self.path, "the compressed data are damaged", self._damaged_chunk()) from error
            except MemoryError as error:
                raise self._too_large("not enough memory to decompress it") from error
            self.produced += len(block)
            self._check_output()
            if block:
                yield block
        end = self.consumed - len(decoder.unused_data)
        if decoder.unused_data or self._file.read(1):
            raise TrailingBytesError(self.path, "extra bytes after the end of the content", end)
        self.consumed = end

    def _read_header(self) -> int:
        """Check the header and return the dictionary byte."""
        head = self._file.read(_STREAM_START)
        size = int.from_bytes(head[:2], "little")
        marker = head[2:17].split(b"\0")[0]
        known = size == HEADER.size and marker == MARKER
        if len(head) < _STREAM_START and (known or HEADER.pack(HEADER.size, MARKER, VERSION, LZMA2).startswith(head)):
            raise TruncatedFileError(self.path, "the file is truncated: its header is incomplete", len(head))
        if not known:
            raise NotAChangesetFileError(
                self.path,
                "not a changeset file: unrecognized header",
                0 if size != HEADER.size else 2,
            )
        *_, version, compression = HEADER.unpack(head[: HEADER.size])
        if version != VERSION:
            raise UnsupportedVersionError(
                self.path, f"unsupported format version {version}; only {VERSION} is supported", 18
            )
        if compression != LZMA2:
            raise UnsupportedVersionError(
                self.path, f"unsupported compression {compression}; only {LZMA2} is supported", 20
            )
        self.consumed = _STREAM_START
        return head[-1]

    def _allowed_dictionary(self, code: int) -> int:
        """Return the dictionary size that the file requires, after checking that the limit permits it."""
        if code > _LARGEST_DICTIONARY_BYTE:
            raise CorruptStreamError(self.path, f"invalid dictionary size code {code}", HEADER.size)
        size = dictionary_size(code)
        if size > self._limits.dictionary:
            allowed = self._limits.dictionary
            raise self._too_large(f"it requires a dictionary of {size} bytes; the limit is {allowed}")
        return max(size, _SMALLEST_DICTIONARY)

    def _decoder(self) -> "LZMADecompressor":
        lzma = self._lzma
        filters = [{"id": lzma.FILTER_LZMA2, "dict_size": self._dictionary}]
        try:
            decoder: LZMADecompressor = lzma.LZMADecompressor(format=lzma.FORMAT_RAW, filters=filters)
        except MemoryError as error:
            raise self._too_large(f"not enough memory for its dictionary of {self._dictionary} bytes") from error
        return decoder

    def _too_large(self, reason: str) -> DictionaryTooLargeError:
        return DictionaryTooLargeError(self.path, reason, HEADER.size)

    def _check_output(self) -> None:
        limits = self._limits
        if self.produced > limits.output:
            raise OutputLimitError(self.path, f"its decompressed size exceeds {limits.output} bytes", limits.output)
        allowed = max(_RATIO_THRESHOLD, limits.ratio * self.consumed)
        if self.produced > allowed:
            raise OutputLimitError(
                self.path, f"its decompressed size exceeds {limits.ratio} times its compressed size", allowed
            )

    def _damaged_chunk(self) -> int:
        """Decompress the file again, chunk by chunk, and return the offset of the chunk that fails."""
        decoder = self._decoder()
        offset = _STREAM_START
        while True:
            self._file.seek(offset)
            size = _chunk_size(self._file.read(_LONGEST_CHUNK_HEAD))
            if size is None:
                return offset
            self._file.seek(offset)
            try:
                decoder.decompress(self._file.read(size), _BLOCK)
                while not (decoder.needs_input or decoder.eof):
                    decoder.decompress(b"", _BLOCK)
            except self._lzma.LZMAError:
                return offset
            offset += size


def _chunk_size(head: bytes) -> int | None:
    """Return the size of an LZMA2 chunk with this header in bytes; None if the header is invalid."""
    control = head[0] if head else 0
    if control in _UNCOMPRESSED_CONTROLS:
        return 3 + int.from_bytes(head[1:3], "big") + 1
    if control < _FIRST_LZMA_CONTROL:
        return None
    return 5 + (control >= _PROPERTIES_CONTROL) + int.from_bytes(head[3:5], "big") + 1
