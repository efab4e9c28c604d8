"""What programs say to people, on both runtimes: nothing strange gets through unescaped."""

from agent import report
from agent.port import process

HALF = chr(0xD800)  # of a surrogate pair: CPython has no UTF-8 for it


def said(text: str) -> bytes:
    """What say() writes to standard error."""
    written: list[bytes] = []
    real = process.write
    process.write = lambda fd, data: written.append(b"%d " % fd + data)
    try:
        report.say("prog", text)
    finally:
        process.write = real
    assert len(written) == 1
    return written[0]


def test_a_shown_value_is_printable_ascii_in_quotes() -> None:
    assert report.show(b"a\x00\x1b\x7f\xff\"\\'") == '"a\\x00\\x1b\\x7f\\xff\\"\\\\\'"'
    assert report.show("a\xe9\u20ac") == '"a\\xc3\\xa9\\xe2\\x82\\xac"'
    assert report.show("") == report.show(b"") == '""'


def test_half_a_surrogate_pair_is_shown_as_its_three_octets() -> None:
    assert report.show(HALF) == '"\\xed\\xa0\\x80"'
    assert report.show("a" + chr(0xDFFF) + "b") == '"a\\xed\\xbf\\xbfb"'


def test_a_long_value_is_cut_and_the_rest_is_counted() -> None:
    assert report.show("x" * 200) == '"' + "x" * 200 + '"'
    assert report.show("x" * 203) == '"' + "x" * 200 + '" and 3 octets more'


def test_what_is_said_is_one_line_whatever_is_in_it() -> None:
    assert said("a\nb\r\x1b[31m\x7f\x85") == b"2 prog: a\\x0ab\\x0d\\x1b[31m\\x7f\\x85\n"
    assert said("\xe9 \u20ac") == b"2 prog: \xc3\xa9 \xe2\x82\xac\n"
    assert said(HALF + chr(0xDC80)) == b"2 prog: \\ud800\\udc80\n"
