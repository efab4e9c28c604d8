"""Our files on somebody else's root filesystem."""

import pytest

from packager.root.overlay import overlaid, replaced
from packager.root.tree import Origin, Tree, TreeError, file, folder, link

OURS, THEIRS = Origin("frostgate", "ours"), Origin("rootfs", "theirs")


def base() -> Tree:
    """A merged /usr, as a distribution has it; /etc/hosts is theirs."""
    return Tree(
        [
            link("/lib", "usr/lib", THEIRS),
            folder("/usr/lib", THEIRS, 0o711),
            file("/etc/hosts", b"theirs", THEIRS),
            link("/init", "usr/lib/init", THEIRS),
        ]
    )


def test_ours_count_and_go_where_their_links_lead() -> None:
    ours = Tree([file("/lib/frost", b"f", OURS), file("/etc/hosts", b"ours", OURS)])
    tree = overlaid(base(), ours)
    assert [(e.path, e.origin.package) for e in tree if e.kind == "file"] == [
        ("/etc/hosts", "frostgate"),
        ("/usr/lib/frost", "frostgate"),
    ]
    assert [e.path for e in replaced(base(), ours)] == ["/etc/hosts"]
    assert base().get("/etc/hosts") == file("/etc/hosts", b"theirs", THEIRS)


def test_their_folders_keep_their_modes_but_for_those_that_ours_name() -> None:
    implied = overlaid(base(), Tree([file("/usr/lib/x", b"", OURS)])).get("/usr/lib")
    named = overlaid(base(), Tree([folder("/usr/lib", OURS, 0o700)])).get("/usr/lib")
    assert implied is not None and implied.mode == 0o711
    assert named is not None and named.mode == 0o700


def test_a_link_of_theirs_is_replaced_not_followed_at_the_end() -> None:
    tree = overlaid(base(), Tree([file("/init", b"ours", OURS)]))
    assert tree.get("/init") == file("/init", b"ours", OURS)
    assert "/usr/lib/init" not in tree


@pytest.mark.parametrize(
    "ours",
    [file("/usr/lib", b"", OURS), folder("/etc/hosts", OURS), file("/etc/hosts/x", b"", OURS)],
)
def test_a_folder_and_a_file_in_one_place_are_refused(ours: object) -> None:
    with pytest.raises(TreeError):
        overlaid(base(), Tree([ours]))  # type: ignore[list-item]
