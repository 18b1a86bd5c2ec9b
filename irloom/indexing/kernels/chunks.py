"""Text to the numbers of its chunks: UTF-8 is cut as `irloom.text.tokens.Chunks` cuts it, without a string for each."""

import numpy as np
from numpy.typing import NDArray

from irloom.indexing.kernels.jit import inner, integer, kernel
from irloom.indexing.kernels.terms import BASIS, PRIME, find_slot, finish

BLANK = 32


@inner
def space_width(text: NDArray[np.uint8], place: int, end: int) -> int:
    """How many bytes the white space takes that begins at a byte of 128 or more; 0 where it is none.

    These are the characters beyond ASCII at which Python's str.split cuts: U+0085, U+00A0, U+1680, U+2000 to U+200A, U+2028, U+2029,
    U+202F, U+205F and U+3000.
    """
    first = text[place]
    if first == 0xC2:
        return 2 if place + 1 < end and (text[place + 1] == 0x85 or text[place + 1] == 0xA0) else 0
    if place + 2 >= end or first < 0xE1 or first > 0xE3:
        return 0
    second, third = text[place + 1], text[place + 2]
    if first == 0xE1:
        return 3 if second == 0x9A and third == 0x80 else 0
    if first == 0xE3:
        return 3 if second == 0x80 and third == 0x80 else 0
    if second == 0x80:
        return 3 if third <= 0x8A or third == 0xA8 or third == 0xA9 or third == 0xAF else 0
    return 3 if second == 0x81 and third == 0x9F else 0


@kernel
def split_chunks(
    text: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    table: NDArray[np.uint8],
    edges: NDArray[np.uint8],
    data: NDArray[np.uint8],
    chunk_offsets: NDArray[np.int64],
    slots: NDArray[np.int32],
    size: int,
    numbers: NDArray[np.int32],
    ends: NDArray[np.int64],
) -> int:
    """Cuts texts into chunks, enters those that are new into a table of chunks, and returns how many it has then.

    Args:
        text: uint8, the texts in UTF-8.
        offsets: int64 (texts + 1,) where they begin.
        table: uint8 (256,): what each byte becomes.
        edges: uint8 (256,): 1 for bytes that are left out at the ends of a chunk.
        data: uint8, the chunks known, with room for all of the texts' bytes.
        chunk_offsets: int64, with room too.
        slots: int32 (a power of two,): their hash table, with room too.
        size: how many chunks are known.
        numbers: int32 (half the bytes + texts,), written: the number of each chunk.
        ends: int64 (texts,), written: where each text's chunks end.
    """
    count = integer(0)
    for row in range(len(ends)):
        place, end = offsets[row], offsets[row + 1]
        while place < end:
            first = chunk_offsets[size]
            last, value = first, BASIS
            end_of_word, word_value = first, BASIS
            while place < end:
                byte = table[text[place]]
                if byte == BLANK:
                    place += 1
                    break
                if byte >= 0xC2 and byte <= 0xE3:
                    width = space_width(text, place, end)
                    if width:
                        place += width
                        break
                place += 1
                if edges[byte] and last == first:
                    continue
                data[last] = byte
                last += 1
                value = (value ^ np.uint64(byte)) * PRIME
                if not edges[byte]:
                    end_of_word, word_value = last, value
            if end_of_word == first:
                continue
            slot = find_slot(data, first, end_of_word, finish(word_value), data, chunk_offsets, slots)
            if slots[slot] < 0:
                slots[slot] = size
                size += 1
                chunk_offsets[size] = end_of_word
            numbers[count] = slots[slot]
            count += 1
        ends[row] = count
    return size
