"""Curves over logarithmic axes: bars for a terminal, SVG for a page."""

from __future__ import annotations

from html import escape
from math import ceil, floor, log10

from tests.benchmarks.report import Plot, text

_COLOURS = ("#2563eb", "#d97706", "#059669", "#be185d", "#6b7280")
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 380, 70, 190, 40, 50
_BAR = 40
"""The longest bar, in cells."""


def bars(plot: Plot) -> str:
    """A bar a point; its length is the logarithm of the value, from the least to the greatest of the plot."""
    low, high = _limits([y for points in plot.curves.values() for _, y in points])
    lines = [f"{plot.title}: {plot.y} against {plot.x}, logarithmic from {10.0**low:g} to {10.0**high:g}"]
    for name, points in plot.curves.items():
        lines.append(f"  {name}")
        for x, y in points:
            length = round(_BAR * (log10(y) - low) / (high - low)) if y > 0 else 0
            lines.append(f"  {text(round(x)):>10} {'█' * length or '▏'} {text(y)}")
    return "\n".join(lines) + "\n"


def svg(plot: Plot) -> str:
    """The curves with axes, a grid of the powers of ten, and their names at their ends."""
    x_low, x_high = _limits([x for points in plot.curves.values() for x, _ in points])
    y_low, y_high = _limits([y for points in plot.curves.values() for _, y in points])

    def across(x: float) -> float:
        return _LEFT + (log10(x) - x_low) / (x_high - x_low) * (_WIDTH - _LEFT - _RIGHT)

    def down(y: float) -> float:
        return _HEIGHT - _BOTTOM - (log10(y) - y_low) / (y_high - y_low) * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="{_LEFT}" y="22" font-size="15">{escape(plot.title)}</text>',
        f'<text x="{_LEFT}" y="{_HEIGHT - 10}">{escape(plot.x)}</text>',
        f'<text x="14" y="{_TOP - 6}">{escape(plot.y)}</text>',
    ]
    for power in range(x_low, x_high + 1):
        x = across(10.0**power)
        parts.append(f'<path d="M{x:.1f} {_TOP}V{_HEIGHT - _BOTTOM}" stroke="#e5e7eb"/>')
        parts.append(
            f'<text x="{x:.1f}" y="{_HEIGHT - _BOTTOM + 16}" text-anchor="middle">{_power(power)}</text>'
        )
    for power in range(y_low, y_high + 1):
        y = down(10.0**power)
        parts.append(f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="#e5e7eb"/>')
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_power(power)}</text>')
    for number, (name, points) in enumerate(plot.curves.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        places = [(across(x), down(y)) for x, y in points if x > 0 and y > 0]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        label = _TOP + 12 + 18 * number
        parts.append(f'<text x="{_WIDTH - _RIGHT + 12}" y="{label}" fill="{colour}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _limits(values: list[float]) -> tuple[int, int]:
    """The powers of ten around all values above 0."""
    above = [value for value in values if value > 0] or [1.0]
    low, high = floor(log10(min(above))), ceil(log10(max(above)))
    return low, max(high, low + 1)


def _power(power: int) -> str:
    return f"{10**power:,}" if 0 <= power <= 6 else f"{10.0**power:g}"
