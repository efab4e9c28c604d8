"""Secrets as lines of configurations. Runs on both runtimes."""

from services.secrets import formats
from services.secrets.formats import SecretError


def refusal(form: str, octets: bytes) -> str:
    try:
        formats.line(form, octets)
    except SecretError as error:
        return str(error)
    return "accepted"


def test_hostapd_gets_a_passphrase_or_a_key() -> None:
    assert formats.line("hostapd", b"correct horse\n") == "wpa_passphrase=correct horse\n"
    assert formats.line("hostapd", b"0F" * 32) == "wpa_psk=" + "0F" * 32 + "\n"


def test_pppd_gets_it_quoted() -> None:
    assert formats.line("pppd", b'a"b\\c d\n') == 'password "a\\"b\\\\c d"\n'


def test_what_would_break_out_is_refused_without_being_shown() -> None:
    for form in formats.FORMS:
        for octets in (b"password\nssid=x", b"passw\0rd", b"passw\xc3\xb6rt", b"pass\tword", b""):
            said = refusal(form, octets)
            assert said.startswith("expected ") and "passw" not in said, (form, octets)
    assert refusal("hostapd", b"short") == "expected 8 to 63 characters, or 64 hex digits"
    assert refusal("hostapd", b"x" * 64) == "expected 8 to 63 characters, or 64 hex digits"
