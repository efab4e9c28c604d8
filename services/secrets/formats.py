"""A secret as a line of a daemon's configuration. Pure; no message has the secret in it."""

HEX = "0123456789abcdefABCDEF"


class SecretError(Exception):
    """The secret does not fit; the text says what was expected."""


def line(form: str, octets: bytes) -> str:
    """The line of this form (FORMS) for the content of a secret's file."""
    text = _one_line(octets)
    if form == "hostapd":
        # wpa_psk is for 64 hex digits, wpa_passphrase for what people type (IEEE 802.11 J.4.1)
        if len(text) == 64 and not text.strip(HEX):
            return "wpa_psk=%s\n" % text
        if not 8 <= len(text) <= 63:
            raise SecretError("expected 8 to 63 characters, or 64 hex digits")
        return "wpa_passphrase=%s\n" % text
    # pppd's manual page, OPTIONS FILES: a backslash takes the next character as it is
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return 'password "%s"\n' % quoted


FORMS = ("hostapd", "pppd")


def _one_line(octets: bytes) -> str:
    """The text, without the newline at its end."""
    if octets[-1:] == b"\n":
        octets = octets[:-1]
    for octet in octets:
        if not 0x20 <= octet <= 0x7E:
            raise SecretError("expected one line of printable ASCII")
    if not octets:
        raise SecretError("expected a value, got an empty file")
    return octets.decode()
