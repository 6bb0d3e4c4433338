"""Writes plain text for TeX, in ASCII alone, so that it does not matter which encodings a LaTeX knows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from unicodedata import normalize

_LETTERS = "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ"
_LETTER_NAMES = """
    alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon
    varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
"""
GREEK: Mapping[str, str] = MappingProxyType(dict(zip(_LETTERS, _LETTER_NAMES.split(), strict=True)))
"""Greek letters with their names in math mode."""
_SPECIAL: Mapping[str, str] = MappingProxyType(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "#": r"\#",
        "%": r"\%",
        "_": r"\_",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': "''",
        "–": "--",
        "—": "---",
        "“": "``",
        "”": "''",
        "‘": "`",
        "’": "'",
        "…": r"\ldots{}",
        "−": "$-$",
        "·": r"$\cdot$",
        "×": r"$\times$",
        "½": r"$\frac{1}{2}$",
        "²": "$^2$",
        "√": r"$\surd$",
        "Σ": r"$\Sigma$",
        "‖": r"$\Vert$",
        "∞": r"$\infty$",
        "→": r"$\to$",
        "←": r"$\leftarrow$",
        "≥": r"$\ge$",
        "≤": r"$\le$",
        "≠": r"$\ne$",
        "≈": r"$\approx$",
        "∂": r"$\partial$",
        "ℓ": r"$\ell$",
        "′": r"$'$",
        "″": r"$''$",
        "\u00a0": "~",
        "\u00ad": "",
    }
)


_ACCENTS: Mapping[str, str] = MappingProxyType(
    {
        "\u0300": "`",
        "\u0301": "'",
        "\u0302": "^",
        "\u0303": "~",
        "\u0304": "=",
        "\u0306": "u",
        "\u0307": ".",
        "\u0308": '"',
        "\u030a": "r",
        "\u030b": "H",
        "\u030c": "v",
        "\u0327": "c",
    }
)
_OTHERS: Mapping[str, str] = MappingProxyType(
    {"ß": r"\ss{}", "æ": r"\ae{}", "Æ": r"\AE{}", "œ": r"\oe{}", "Œ": r"\OE{}", "ø": r"\o{}", "Ø": r"\O{}"}
    | {"ł": r"\l{}", "Ł": r"\L{}", "ı": r"\i{}", "°": r"$^\circ$", "±": r"$\pm$", "µ": r"$\mu$"}
)


def tex_text(text: str) -> str:
    """Text for TeX outside of math mode; a letter that plain LaTeX does not have is told by its number."""
    return "".join(_SPECIAL.get(character) or _letter(character) for character in text)


def _letter(character: str) -> str:
    if character.isascii():
        return character if character.isprintable() else " "
    if character in GREEK:
        return rf"$\{GREEK[character]}$"
    if character in _OTHERS:
        return _OTHERS[character]
    base, accents = normalize("NFD", character)[:1], normalize("NFD", character)[1:]
    if accents in _ACCENTS and base.isascii():
        return rf"\{_ACCENTS[accents]}{{{base}}}"
    return f"[U+{ord(character):04X}]"
