"""What minikube prints and how: a mark before each line, emoji on a colour terminal, failures with id and advice.

Normal lines go to stdout, warnings and failures to stderr. Data (`--url`, `-o json`, `ip`) is printed bare by its verb.
"""

import os
import sys
from collections.abc import Sequence

EMOJI = {
    "happy": "😄",
    "sparkle": "✨",
    "thumbs-up": "👍",
    "start-up": "🔥",
    "restart": "🔄",
    "running": "🏃",
    "package": "📦",
    "cni": "🔗",
    "verify": "🔎",
    "addon": "🌟",
    "ready": "🏄",
    "stop": "✋",
    "stopped": "🛑",
    "delete": "🔥",
    "crushed": "💀",
    "meh": "🙄",
    "shrug": "🤷",
    "sad": "😿",
    "celebrate": "🎉",
    "internet": "🌐",
    "file": "📄",
    "tip": "💡",
    "off": "🌑",
}
"""Style → emoji; a style without one prints the plain mark everywhere."""


def is_colourful() -> bool:
    """minikube's rule: the environment decides, else a colour terminal on stdout."""
    forced = os.environ.get("MINIKUBE_IN_STYLE", "")
    if forced:
        return forced.lower() in ("1", "t", "true", "yes")
    return sys.stdout.isatty() and "color" in os.environ.get("TERM", "")


def marked(style: str, text: str) -> str:
    return f"{EMOJI[style]}  {text}" if style in EMOJI and is_colourful() else f"* {text}"


def step(style: str, text: str) -> None:
    print(marked(style, text), flush=True)


def bullet(text: str) -> None:
    print(f"    ▪ {text}" if is_colourful() else f"  - {text}", flush=True)


def error_step(style: str, text: str) -> None:
    """A line of the normal kind that belongs to stderr, as minikube's advice does."""
    print(marked(style, text), file=sys.stderr, flush=True)


def warn(text: str) -> None:
    print(f"❗  {text}" if is_colourful() else f"! {text}", file=sys.stderr, flush=True)


def fail(reason_id: str, text: str, advice: str = "") -> None:
    """The last words before a non-zero exit."""
    mark = "❌ " if is_colourful() else "X"
    print(f"\n{mark} Exiting due to {reason_id}: {text}", file=sys.stderr, flush=True)
    if advice:
        error_step("tip", f"Suggestion: {advice}")


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A boxed table: centred headers, cells to the left."""
    widths = [max(display_width(cell) for cell in column) for column in zip(headers, *rows, strict=True)]

    def rule(left: str, middle: str, right: str) -> str:
        return left + middle.join("─" * (width + 2) for width in widths) + right

    head = "│".join(f" {cell.center(width)} " for cell, width in zip(headers, widths, strict=True))
    lines = [rule("┌", "┬", "┐"), f"│{head}│", rule("├", "┼", "┤")]
    for row in rows:
        cells = "│".join(
            f" {cell}{' ' * (width - display_width(cell))} " for cell, width in zip(row, widths, strict=True)
        )
        lines.append(f"│{cells}│")
    return "\n".join([*lines, rule("└", "┴", "┘")])


def display_width(text: str) -> int:
    """Columns on a terminal: an emoji takes two."""
    return sum(2 if ord(char) >= 0x1F000 or char in "✅❌✨" else 1 for char in text)
