"""Archives: tar files, mostly compressed, that fill volumes and that volumes are handed out as.

The unpacker is `tar`, the decompressors are programs too, but nothing of an archive reaches `tar` as it came. Every
header is read and judged here, and what passes is written anew: so it does not matter how many ways there are to read a
hostile header, because `tar` only reads ours.
"""
