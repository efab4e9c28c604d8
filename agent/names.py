"""What may be the name of a link or of a service. Pure; programs check before they use a name."""

LINK_NAME = "a link name: 1 to 15 printable characters without '/', ':' or spaces"
SERVICE_NAME = "a service name: 1 to 100 of A-Z a-z 0-9 _ . - , the first a letter or digit"
LONGEST_SERVICE_NAME = 100
SERVICE_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789_.-ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def is_link_name(text: str) -> bool:
    """Whether the kernel could have given a link this name (net/core/dev.c, dev_valid_name)."""
    if not 1 <= len(text) <= 15 or text in (".", ".."):
        return False
    return all(["!" <= character <= "~" and character not in "/:" for character in text])


def is_service_name(text: str) -> bool:
    """Whether this can name a service directory, an outputs folder and a log prefix."""
    if not 1 <= len(text) <= LONGEST_SERVICE_NAME or text[0] in "_.-":
        return False
    return not text.strip(SERVICE_CHARACTERS)
