"""Secrets as lines of configurations. Runs on both runtimes."""

from services.secrets import following, formats
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


def test_wpa_supplicant_gets_a_passphrase_or_a_key() -> None:
    assert formats.line("wpa_supplicant", b'a "b" #c\n') == 'psk="a "b" #c"\n'
    assert formats.line("wpa_supplicant", b"0f" * 32) == "psk=" + "0f" * 32 + "\n"


def test_each_secret_comes_where_it_is_asked_for() -> None:
    base = b"ssid=a\n#secret one\nbss=x\n#secret two\nbss=y\n#secret one\n"
    text = formats.put(base, "one", "wpa_passphrase=#secret two\n")
    text = formats.put(text, "two", "wpa_passphrase=second\n")
    assert text == (
        b"ssid=a\nwpa_passphrase=#secret two\nbss=x\nwpa_passphrase=second\n"
        b"bss=y\nwpa_passphrase=#secret two\n"
    )
    assert formats.put(b"noauth\n", "isp", "x\n") == b"noauth\nx\n"


def test_pppd_gets_it_quoted() -> None:
    assert formats.line("pppd", b'a"b\\c d\n') == 'password "a\\"b\\\\c d"\n'


def test_what_would_break_out_is_refused_without_being_shown() -> None:
    for form in formats.FORMS:
        for octets in (b"password\nssid=x", b"passw\0rd", b"passw\xc3\xb6rt", b"pass\tword", b""):
            said = refusal(form, octets)
            assert said.startswith("expected ") and "passw" not in said, (form, octets)
    for form in ("hostapd", "wpa_supplicant"):
        for octets in (b"short", b"x" * 64):
            said = "expected 8 to 63 characters, or 64 hex digits"
            assert refusal(form, octets) == said
            assert refusal(form + "-sae", octets) == "expected 8 to 63 characters"
        said = "expected 8 to 63 characters: WPA3 has no use for 64 hex digits"
        assert refusal(form + "-sae", b"0f" * 32) == said


def test_public_keys_are_lines_of_their_kinds() -> None:
    one = b'restrict,command="a b" ssh-ed25519 AAAA me'
    other = b"sk-ecdsa-sha2-nistp256@openssh.com BBBB"
    assert (
        formats.keys(b"# mine\n\n%s\n%s" % (one, other)) == (one + b"\n" + other + b"\n").decode()
    )
    assert formats.keys(b"") == ""
    for octets in (b"AAAA", b"ssh-ed25519", one + b"\nrubbish\n", one + b"\0", b"ssh-rsa A\xff m"):
        try:
            formats.keys(octets)
        except SecretError as error:
            assert "%s" % error == "expected public keys as in .pub files, a line each", octets
        else:
            raise AssertionError(octets)


def test_a_secret_may_be_delivered_as_it_is() -> None:
    for octets in (b"one\ntwo\n", b"\xff\n"):
        assert formats.whole(octets) == octets
    try:
        formats.whole(b"")
    except SecretError as error:
        assert "%s" % error == "expected a value, got an empty file"
    else:
        raise AssertionError("an empty file was taken")


def test_which_secrets_a_command_has_is_known() -> None:
    command = ("with_secret", "-w", "hostapd", "wifi", "guests", "/etc/x.conf", "radio")
    assert following.names_of(command) == ("wifi", "guests")
    assert following.names_of(("with_secret", "pppd", "isp", "/etc/x", "wan")) == ("isp",)
    signalled = ("with_secret", "-w", "-s", "HUP", "-u", "www", "plain", "a", "b", "web")
    assert following.names_of(signalled) == ("a", "b")
    assert following.names_of(("with_secret", "-r", "web")) == ()
    assert following.names_of(("with_secret",)) == ()
    assert following.names_of(("dnsmasq", "-k", "a", "b", "c", "d")) == ()
    assert following.names_of(()) == ()
