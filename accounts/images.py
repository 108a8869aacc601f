"""Pictures that people bring, made into ours: nothing of what came in is kept but what one sees."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.errors import PictureNotValid

UPLOAD_MAX = 10 * 1024 * 1024
PIXELS_MAX = 40_000_000  # more than phones take; decoding it needs 160 MB
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


def re_encoded(data: bytes, side: int, *, square: bool = False) -> bytes:
    """A WebP of at most so many pixels a side: upright, the first frame of a moving one.

    A square one is the middle of the picture. It has no EXIF and nothing else that came with the
    file. Refuses what is none of JPEG, PNG, WebP and GIF, is broken, or has too many bytes or
    pixels.
    """
    if len(data) > UPLOAD_MAX:
        raise PictureNotValid(reason=f"it has more than {UPLOAD_MAX // 1024**2} MB")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                return _encode(picture, side, square=square)
    except UnidentifiedImageError as error:
        raise PictureNotValid(reason="it is not a JPEG, PNG, WebP or GIF") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        # what Pillow raises of files that begin well and go on badly
        raise PictureNotValid(reason="it is broken") from error


def _encode(picture: Image.Image, side: int, *, square: bool) -> bytes:
    width, height = picture.size
    if width * height > PIXELS_MAX:
        raise _too_large()
    picture.draft("RGB", (side, side))  # a JPEG can be decoded small
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    if square:
        side = min(side, *upright.size)
        upright = ImageOps.fit(upright, (side, side), Image.Resampling.LANCZOS)
    else:
        upright.thumbnail((side, side), Image.Resampling.LANCZOS)
    clean = Image.new("RGBA", upright.size)
    clean.paste(upright)
    kept = io.BytesIO()
    clean.save(kept, "WEBP", quality=85)
    return kept.getvalue()


def _too_large() -> PictureNotValid:
    return PictureNotValid(reason=f"it has more than {PIXELS_MAX // 1_000_000} million pixels")
