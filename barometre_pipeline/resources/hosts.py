"""The hosts that a catalogue lists, and whether one is among them. Which addresses they may have is in `addresses`."""

from __future__ import annotations

from urllib.parse import urlsplit


def is_listed(host: str, allowed: tuple[str, ...]) -> bool:
    """Tell whether a list holds this host, by its name or as one below `*.name`."""
    return any(host.endswith(one[1:]) if one.startswith("*.") else host == one for one in allowed)


def written_host(url: str | None) -> str:
    """Return the host that an address names by itself, '' where it names none, or a variable does."""
    try:
        netloc, host = urlsplit(url or "").netloc, urlsplit(url or "").hostname
    except ValueError:
        return ""
    return "" if "{" in netloc or not host else f"[{host}]" if ":" in host else host.rstrip(".")
