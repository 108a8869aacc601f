"""Pictures people bring: ours is what one sees of them, and nothing else."""

import io
from collections.abc import Callable

import pytest
from PIL import Image

from accounts import images
from socialnet.agents.errors import PictureNotValid
from socialnet.pictures import SIDE, make_avatar

ORIENTATION, CAMERA, GPS = 0x0112, 0x0110, 0x8825


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    kept = io.BytesIO()
    image.save(kept, kind, **options)
    return kept.getvalue()


def two_halves(width: int = 800, height: int = 400) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (width, height), "red")
    image.paste(Image.new("RGB", (width // 2, height), "blue"), (width // 2, 0))
    return image


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def colours(data: bytes, *places: tuple[int, int]) -> list[str]:
    """Which of red, green and blue is strongest at each place."""
    image = opened(data).convert("RGB")
    strongest = []
    for place in places:
        pixel = image.getpixel(place)
        assert isinstance(pixel, tuple)
        strongest.append(("red", "green", "blue")[pixel.index(max(pixel))])
    return strongest


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_it_makes_a_square_webp_of_what_people_have(kind: str) -> None:
    made = opened(make_avatar(encoded(two_halves(), kind)))
    assert (made.format, made.size) == ("WEBP", (SIDE, SIDE))


def test_the_middle_is_shown() -> None:
    made = make_avatar(encoded(two_halves()))
    assert colours(made, (10, 190), (SIDE - 10, 190)) == ["red", "blue"]


def test_a_small_one_is_not_blown_up() -> None:
    assert opened(make_avatar(encoded(two_halves(40, 20)))).size == (20, 20)


def test_nothing_that_came_with_it_is_kept() -> None:
    exif = Image.Exif()
    exif[CAMERA] = "A camera"
    exif[GPS] = {1: "N", 2: (52.0, 31.0, 0.0)}
    made = opened(make_avatar(encoded(two_halves(), exif=exif, comment=b"A secret")))
    assert not made.getexif()
    assert {"exif", "icc_profile", "xmp", "comment"}.isdisjoint(made.info)


def test_it_is_turned_as_the_camera_says() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 3  # upside down
    made = make_avatar(encoded(two_halves(), exif=exif))
    assert colours(made, (10, 190), (SIDE - 10, 190)) == ["blue", "red"]


def test_of_a_moving_picture_the_first_frame_is_taken() -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    made = make_avatar(moving)
    assert colours(made, (20, 20)) == ["red"]
    assert not getattr(opened(made), "is_animated", False)


def test_what_can_be_seen_through_stays_so() -> None:
    made = opened(make_avatar(encoded(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG")))
    assert made.convert("RGBA").getpixel((25, 25))[3] == 0  # type: ignore[index]


def bomb() -> bytes:
    """A PNG that says of itself that it has 400 million pixels."""
    data = bytearray(encoded(Image.new("1", (8, 8)), "PNG"))
    data[16:24] = (20_000).to_bytes(4) * 2
    return bytes(data)


@pytest.mark.parametrize(
    "make",
    [
        lambda: b"",
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        lambda: encoded(two_halves(), "BMP"),
        lambda: encoded(two_halves())[:200],
        lambda: encoded(two_halves(), "PNG")[:-60],
        lambda: encoded(two_halves(), "GIF")[:30],
        bomb,
    ],
)
def test_what_is_no_picture_is_refused(make: Callable[[], bytes]) -> None:
    with pytest.raises(PictureNotValid):
        make_avatar(make())


def test_too_many_pixels_are_refused_before_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "PIXELS_MAX", 100)
    with pytest.raises(PictureNotValid, match="pixels"):
        make_avatar(encoded(two_halves()))


def test_too_many_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "UPLOAD_MAX", 100)
    with pytest.raises(PictureNotValid, match="MB"):
        make_avatar(encoded(two_halves()))
