"""Which of the device's secrets are hidden, and the folders that they are delivered to; on both
runtimes."""

from agent.command import secrets
from agent.generations import remove_tree
from agent.port import files, process
from services.secrets import place


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


def test_a_service_gets_files_of_its_own_before_it_has_a_folder_and_after() -> None:
    base = process.environ().get(b"TMPDIR", b"/tmp").decode()
    scan = "%s/fg-delivery-%d" % (base, process.pid())
    files.make_folder(scan)
    try:
        for path in (".web.new", "web"):
            folder = place.folder_of(scan, "web")
            assert folder == "%s/%s/data/secrets" % (scan, path)
            place.deliver(folder, [("a", b"one\n"), ("b", b"two\n")], -1, -1)
            place.deliver(folder, [("a", b"three\n")], -1, -1)
            assert files.read(folder + "/a") + files.read(folder + "/b") == b"three\ntwo\n"
            assert files.mode(folder) & 0o7777 == 0o700
            assert files.mode(folder + "/a") & 0o7777 == 0o600
            if path != "web":
                files.make_folder(scan + "/web")  # as the agent does, but for the rename
        place.remove(scan, "web")
        assert files.listing(scan + "/web/data") == files.listing(scan + "/.web.new/data") == []
        place.remove(scan, "nobody")
    finally:
        remove_tree(scan)
