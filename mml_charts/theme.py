"""The one place where colours, type sizes and stroke widths are defined, for Streamlit's theme and for every chart.

A role has one colour in the whole app, and is doubled by a shape, a dash or a label wherever it is drawn.
The two vectors are Okabe and Ito's (2008) blue and vermillion, darkened or lightened until text in them has 4.5:1 on its
background; the result is ink. No pair of them comes close for any of the three kinds of colour blindness (tested).
`python -m mml_charts.theme` prints the theme sections of `.streamlit/config.toml`; a test holds the file to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Theme = Literal["light", "dark"]
Size = Literal["small", "medium", "large"]
Scale = Literal["normal", "lecture"]
Role = Literal["first", "second", "result", "reference"]
Tint = Literal["left", "right"]

ROLES: tuple[Role, ...] = ("first", "second", "result", "reference")
TINTS: tuple[Tint, ...] = ("left", "right")
WIDTHS: dict[Size, int] = {"small": 328, "medium": 520, "large": 800}


@dataclass(frozen=True)
class Palette:
    """The colours of one theme: page, panels, text, the four roles, what can be pressed or moved, and further ones for areas.

    `left` and `right` tint areas that turn or lie to one side or the other; they are told apart by place, and from each other
    by every eye, but are no roles.
    """

    background: str
    panel: str
    text: str
    faint: str
    border: str
    first: str
    second: str
    result: str
    reference: str
    left: str
    right: str
    primary: str
    categories: tuple[str, ...]

    def role(self, role: Role | Tint) -> str:
        """Return the colour of a role or tint."""
        return str(getattr(self, role))


PALETTES: dict[Theme, Palette] = {
    "light": Palette(
        background="#FFFFFF", panel="#F3F5F8", text="#1B2430", faint="#DDE2E9", border="#C9D0DA",
        first="#0068A8", second="#B94A00", result="#101820", reference="#66717F",
        left="#1B7837", right="#8E24AA", primary="#0068A8",
        categories=("#0068A8", "#B94A00", "#00745A", "#A3396F", "#8A6100", "#2F4B7C", "#5A6675", "#1B2430"),
    ),
    "dark": Palette(
        background="#11161D", panel="#1B222C", text="#E8EDF3", faint="#2C3642", border="#3A4654",
        first="#56B4E9", second="#FF9442", result="#F4F7FA", reference="#9AA7B6",
        left="#7BC96F", right="#B388EB", primary="#3E9BD4",
        categories=("#56B4E9", "#FF9442", "#35C9A3", "#EE8FC0", "#F0E442", "#9FB4E8", "#9AA7B6", "#E8EDF3"),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Look:
    """The static arguments that every figure takes: its width, its type scale and the theme it is drawn for."""

    size: Size = "medium"
    scale: Scale = "normal"
    theme: Theme = "light"
    height: int = 1080

    @property
    def width(self) -> int:
        """Width of the plot area in pixels."""
        return WIDTHS[self.size]

    @property
    def palette(self) -> Palette:
        """The colours of the theme."""
        return PALETTES[self.theme]

    @property
    def text(self) -> int:
        """Size of chart text in pixels: 13 or more; in lectures 2.5 % of the screen's height."""
        return 13 if self.scale == "normal" else max(18, round(self.height * 0.025))

    @property
    def stroke(self) -> float:
        """Width of a meaningful stroke in pixels: 2-4, in lectures 4-6."""
        return 3.0 if self.scale == "normal" else 5.0


def streamlit_theme() -> dict[str, dict[str, str]]:
    """Return Streamlit's theme sections, colours taken from the palettes.

    >>> streamlit_theme()["theme.dark"]["backgroundColor"]
    '#11161D'
    """
    return {
        f"theme.{name}": {
            "primaryColor": p.primary,
            "backgroundColor": p.background,
            "secondaryBackgroundColor": p.panel,
            "textColor": p.text,
            "linkColor": p.first,
            "borderColor": p.border,
            "codeBackgroundColor": p.panel,
            "codeTextColor": p.text,
            "blueColor": p.first,
            "blueTextColor": p.first,
            "orangeColor": p.second,
            "orangeTextColor": p.second,
            "grayColor": p.reference,
            "grayTextColor": p.reference,
        }
        for name, p in PALETTES.items()
    }


def rgb(colour: str) -> tuple[int, int, int]:
    """Return a colour's red, green and blue, 0 to 255.

    >>> rgb("#11161D")
    (17, 22, 29)
    """
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2, relative luminance).

    >>> round(contrast("#000000", "#FFFFFF"), 2)
    21.0
    """
    a, b = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (a + 0.05) / (b + 0.05)


def print_config() -> None:
    """Print the theme sections of the configuration."""
    for section, values in streamlit_theme().items():
        print(f"[{section}]")
        for key, value in values.items():
            print(f'{key} = "{value}"')
        print()


if __name__ == "__main__":
    print_config()
