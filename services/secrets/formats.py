"""A secret as a line of a daemon's configuration. Pure; no message has the secret in it."""

HEX = "0123456789abcdefABCDEF"
PLAIN = "plain"  # no line: the secret as it is, a file of its own
KEYS = "ssh-keys"  # lines of authorized_keys, as many as there are
# -sae: where clients may prove the passphrase by SAE too, which needs the passphrase itself
FORMS = (PLAIN, KEYS, "hostapd", "hostapd-sae", "pppd", "wpa_supplicant", "wpa_supplicant-sae")


class SecretError(Exception):
    """The secret does not fit; the text says what was expected."""


def line(form: str, octets: bytes) -> str:
    """The line of this form (FORMS) for the content of a secret's file."""
    text = _one_line(octets)
    if form == "pppd":
        # pppd's manual page, OPTIONS FILES: a backslash takes the next character as it is
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        return 'password "%s"\n' % quoted
    daemon, _, sae = form.partition("-")
    # 64 hex digits are the key, 8 to 63 characters what people type (IEEE 802.11 J.4.1)
    is_key = len(text) == 64 and not text.strip(HEX)
    if is_key and sae:
        raise SecretError("expected 8 to 63 characters: WPA3 has no use for 64 hex digits")
    if not is_key and not 8 <= len(text) <= 63:
        raise SecretError("expected 8 to 63 characters" + ("" if sae else ", or 64 hex digits"))
    if daemon == "hostapd":
        return ("wpa_psk=%s\n" if is_key else "wpa_passphrase=%s\n") % text
    # Its quoted text ends at the line's last quote: one inside is as good as any other.
    return ("psk=%s\n" if is_key else 'psk="%s"\n') % text


def whole(octets: bytes) -> bytes:
    """The content of a secret's file as it is."""
    if not octets:
        raise SecretError("expected a value, got an empty file")
    return octets


def keys(octets: bytes) -> str:
    """The lines of a secret with public keys, as sshd(8) has them in authorized_keys."""
    text = ""
    for line in octets.split(b"\n"):
        words = line.split()
        if words and words[0][:1] != b"#":
            kinds = [each for each in words[:-1] if each.startswith((b"ssh-", b"ecdsa-", b"sk-"))]
            if not kinds or [octet for octet in line if not 0x20 <= octet <= 0x7E]:
                raise SecretError("expected public keys as in .pub files, a line each")
            text += line.decode() + "\n"
    return text


def put(configuration: bytes, name: str, text: str) -> bytes:
    """The configuration with a secret's line: where `#secret NAME` stands, else at the end."""
    mark = ("\n#secret %s\n" % name).encode()
    if mark in configuration:
        return configuration.replace(mark, ("\n" + text).encode())
    return configuration + text.encode()


def _one_line(octets: bytes) -> str:
    """The text, without the newline at its end."""
    if whole(octets)[-1:] == b"\n":
        octets = octets[:-1]
    for octet in octets:
        if not 0x20 <= octet <= 0x7E:
            raise SecretError("expected one line of printable ASCII")
    if not octets:
        raise SecretError("expected a value, got an empty file")
    return octets.decode()
