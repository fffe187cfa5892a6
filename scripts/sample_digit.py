"""Draw the sample picture of a handwritten digit: `python scripts/sample_digit.py` writes mml_ui/samples/seven.png."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

TARGET = Path(__file__).resolve().parent.parent / "mml_ui" / "samples" / "seven.png"
STROKE = [(250, 250), (420, 225), (560, 230), (690, 215), (640, 330), (560, 470), (500, 600), (455, 760)]
CROSS = [(400, 520), (680, 500)]
LARGE, SIDE, WIDTH = 960, 160, 62  # drawn large and made small, so that edges are soft as a pen's


def seven() -> Image.Image:
    """Return a seven in dark ink on light paper."""
    paper = Image.new("L", (LARGE, LARGE), 248)
    pen = ImageDraw.Draw(paper)
    for line in (STROKE[:4], STROKE[3:], CROSS):
        pen.line(line, fill=30, width=WIDTH, joint="curve")
    for x, y in STROKE:
        pen.ellipse([x - WIDTH // 2, y - WIDTH // 2, x + WIDTH // 2, y + WIDTH // 2], fill=30)
    return paper.filter(ImageFilter.GaussianBlur(6)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    seven().save(TARGET, optimize=True)
