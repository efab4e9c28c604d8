"""What the boot reads as text: the kernel's command line, lists, sysctls, the site's patience."""

from services.boot import end, words


def test_the_command_line_is_names_with_the_last_of_their_values() -> None:
    text = 'console=tty0 console=ttyS0 quiet root=LABEL=frost x="a b" =odd\n'
    assert words.command_line(text) == {
        "console": "ttyS0",
        "quiet": "",
        "root": "LABEL=frost",
        "x": "a b",
    }


def test_quotes_hold_spaces_anywhere_in_a_word_and_need_no_end() -> None:
    assert words.command_line('"a b=c d" e="f') == {"a b": "c d", "e": "f"}
    assert words.command_line("") == {}


def test_a_list_has_no_comments_and_no_empty_lines() -> None:
    assert words.rows("# a\n\n  b c \n\t#d\ne # f") == ["b c", "e # f"]


def test_sysctls_are_files_whichever_way_they_are_written() -> None:
    text = "net.ipv4.ip_forward = 1\nnet/ipv4/conf/eth0.5/rp_filter=0\n"
    text += "net.ipv4.conf.eth0/5.forwarding=1\nkernel.core_pattern = |/x y=z\n"
    assert words.sysctls(text) == (
        [
            ("net/ipv4/ip_forward", "1"),
            ("net/ipv4/conf/eth0.5/rp_filter", "0"),
            ("net/ipv4/conf/eth0.5/forwarding", "1"),
            ("kernel/core_pattern", "|/x y=z"),
        ],
        [],
    )


def test_a_sysctl_never_leaves_its_folder() -> None:
    lines = ["kernel", "= 1", "/etc/passwd = x", "net/../../x = 1", "//.x = 1"]
    assert words.sysctls("\n".join(lines)) == ([], lines)


def test_patience_is_the_sites_or_the_usual() -> None:
    assert end.patience("5\n") == 5.0
    assert [end.patience(text) for text in ("", "x", "-1", "99999")] == [end.SERVICES_S] * 4
