"""Which of the device's secrets are hidden, on both runtimes."""

from agent.command import secrets
from agent.generations import remove_tree
from agent.port import files, process


def test_what_is_no_secret_in_the_folder_leaves_the_others_hidden() -> None:
    base = process.environ().get(b"TMPDIR", b"/tmp").decode()
    folder = "%s/fg-secrets-%d" % (base, process.pid())
    files.make_folder(folder)
    try:
        files.make_folder(folder + "/a-folder")
        files.write(folder + "/binary", b"\xff\xfe")
        files.write(folder + "/wifi", b"passphrase\n")
        assert secrets.in_folder(folder) == ["passphrase"]
    finally:
        remove_tree(folder)
    assert secrets.in_folder(folder) == []
