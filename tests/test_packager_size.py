"""frostgate size: what files take in images of all kinds, and programs in the frozen binary."""

import io
import json
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from packager.formats import squashfs as squashfs_format
from packager.root import tree as t
from packager.size import budget, contents, frozen, groups, image, packing, squashfs, table
from packager.size.contents import Program, SizeError
from services.model import Budget
from tests.sized import built_in, noise, small_tree

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_in(tmp_path_factory.mktemp("size"))


# Shares


def test_a_squashfs_tells_what_each_file_takes(built: Path) -> None:
    found = {item.path: item for item in squashfs.read(built.read_bytes(), "x")}
    tree = small_tree()
    assert set(found) == {entry.path for entry in tree}
    assert {p: (i.kind, i.size) for p, i in found.items()} == {
        e.path: (e.kind, e.size) for e in tree
    }
    # noise does not get smaller: what lies in blocks of its own is exact
    assert found["/usr/lib/libc.so.6"].packed == 2 * packing.BLOCK
    assert found["/usr/lib/libgmp.so"].packed == 0
    whole = sum(item.packed for item in found.values())
    assert 0 < built.stat().st_size - whole < 8192


def test_files_with_one_content_share_its_cost(tmp_path: Path) -> None:
    origin = t.Origin("a", "b")
    tree = t.Tree([t.file(f"/{name}", noise(300_000), origin) for name in "abc"])
    squashfs_format.write(tree, tmp_path / "i")
    shares = [item.packed for item in squashfs.read((tmp_path / "i").read_bytes(), "i")]
    estimated = packing.estimate([packing.File(e.path, "a", e.octets) for e in tree])
    assert shares == [pytest.approx(100_000, rel=0.01)] * 3
    assert list(estimated.values()) == [pytest.approx(100_000, rel=0.01)] * 3


def test_blocks_of_many_fragments_and_folders_are_found(tmp_path: Path) -> None:
    origin = t.Origin("a", "b")
    tree = t.Tree([t.file(f"/f{i % 50}/d/{i:04}", noise(4_000, i), origin) for i in range(1500)])
    squashfs_format.write(tree, tmp_path / "i")
    found = squashfs.read((tmp_path / "i").read_bytes(), "i")
    assert {i.path for i in found} == {e.path for e in tree}
    assert sum(i.packed for i in found) == pytest.approx(1500 * 4_000, rel=0.02)


def test_gzip_is_read_and_zstd_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_bytes(noise(5_000))
    for name in ("gzip", "zstd"):
        subprocess.run(["mksquashfs", "in", name, "-comp", name, "-quiet", "-no-progress"],
                       cwd=tmp_path, check=True)  # fmt: skip
    assert image.load(tmp_path / "gzip").items[0].packed == pytest.approx(5_000, rel=0.01)
    with pytest.raises(SizeError) as refused:
        image.load(tmp_path / "zstd")
    assert str(refused.value) == (
        f"{tmp_path}/zstd: expected squashfs compressed by gzip, lzma, xz, got zstd; unpack it and "
        "give the tar or the folder"
    )


@settings(deadline=None)
@given(data=st.data())
def test_a_damaged_image_is_told_in_one_line(built: Path, data: st.DataObject) -> None:
    octets = bytearray(built.read_bytes())
    if data.draw(st.booleans()):
        del octets[data.draw(st.integers(96, len(octets) - 1)) :]
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.one_of(st.integers(4, 95), st.integers(len(octets) - 2000, 10**7)))
        octets[at % (len(octets) - 4) + 4] ^= data.draw(st.integers(1, 255))
    try:
        squashfs.read(bytes(octets), "image")
    except SizeError as error:
        assert str(error).startswith("image: expected ") and "\n" not in str(error)


def test_the_estimate_is_near_what_squashfs_does(built: Path) -> None:
    tree = small_tree()
    files = [packing.File(e.path, e.origin.package, e.octets) for e in tree if e.kind == "file"]
    measured = image.load(built)
    assert sum(packing.estimate(files).values()) == pytest.approx(measured.packed, rel=0.02)


def test_compressed_sizes_are_kept_for_the_next_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [packing.File("/a", "p", lambda: b"text " * 9_000)]
    cache = packing.Cache(tmp_path / "cache" / "packed.json")
    first = packing.estimate(files, cache)
    cache.save()
    monkeypatch.setattr(packing, "_one", lambda block: pytest.fail("compressed again"))
    assert packing.estimate(files, packing.Cache(cache.path)) == first
    assert cache.path is not None
    cache.path.write_text("{")
    assert packing.Cache(cache.path).sizes == {}


# Images


def test_an_image_with_its_manifest_tells_packages_and_reasons(built: Path) -> None:
    found = image.load(built)
    assert (found.method, found.target, found.has_packages) == ("measured", "qemu-x86_64", True)
    assert [g.name for g in groups.by_package(found)][:2] == ["libc6", "frostgate"]
    assert image.load(image.beside(built)).packed == found.packed


def test_an_image_without_a_manifest_is_told_by_folder(built: Path, tmp_path: Path) -> None:
    (tmp_path / "bare").write_bytes(built.read_bytes())
    found = image.load(tmp_path / "bare")
    assert not found.has_packages
    assert [g.name for g in groups.by_folder(found, 2)][:2] == ["/usr/lib", "/usr/libexec"]


def test_a_tar_is_estimated_and_scaled_to_what_it_takes(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "root.tar.xz", "w:xz") as tar:
        for entry in small_tree():
            if entry.kind == "file":
                member = tarfile.TarInfo("." + entry.path)
                member.size = entry.size
                tar.addfile(member, io.BytesIO(entry.octets()))
    found = image.load(tmp_path / "root.tar.xz")
    assert (found.method, found.scaled, found.has_packages) == ("estimated", True, False)
    assert found.packed == pytest.approx(found.image, abs=10)
    assert "is scaled to it" in table.method(found)


def test_other_images_need_their_manifest(tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(b"\0" * 5000)
    with pytest.raises(SizeError) as refused:
        image.load(tmp_path / "image")
    assert str(refused.value) == (
        f"{tmp_path}/image: expected a squashfs image, a tar, or an image with its manifest "
        "image.json beside it"
    )
    tree = small_tree()
    made = image.annotated(t.manifest(tree, "x"), tmp_path / "image", tree, tmp_path / "cache.json")
    image.beside(tmp_path / "image").write_text(json.dumps(made))
    found = image.load(tmp_path / "image")
    assert (found.method, found.scaled, found.image) == ("estimated", False, 5000)


def test_the_folder_of_a_build_is_an_image(built: Path, tmp_path: Path) -> None:
    (tmp_path / "root.squashfs").write_bytes(built.read_bytes())
    (tmp_path / "vmlinuz").write_bytes(b"k" * 8000)
    manifest = json.loads(image.beside(built).read_text())
    manifest["files"] = {"packages.lock": 9, "root.squashfs": 5, "vmlinuz": 8000}
    manifest["boot"] = {"kernel": "vmlinuz", "disk": "root.squashfs"}
    (tmp_path / "image.json").write_text(json.dumps(manifest))
    found = image.load(tmp_path)
    assert (found.name, found.besides) == (str(tmp_path), (("vmlinuz", 8000),))
    assert found.items == image.load(built).items
    assert image.load(tmp_path / "root.squashfs").items == found.items
    whole = built.stat().st_size + 8000
    [(what, text)] = budget.over(manifest, Budget(image=whole - 1))
    assert what == "image" and f"got {whole:,}, 1 too many; the largest: libc6" in text
    assert budget.over(manifest, Budget(image=whole)) == []


def test_a_manifest_of_another_image_is_refused(built: Path, tmp_path: Path) -> None:
    (tmp_path / "i").write_bytes(built.read_bytes())
    manifest = json.loads(image.beside(built).read_text())
    manifest["entries"][0]["path"] = "/nonesuch"
    (tmp_path / "i.json").write_text(json.dumps(manifest))
    with pytest.raises(SizeError, match="expected what its manifest names, got no /nonesuch"):
        image.load(tmp_path / "i")


@pytest.mark.parametrize(
    "value", [{}, {"frostgate-image": 2}, {"frostgate-image": 1}, {"frostgate-image": 1,
              "entries": [{}]}, {"frostgate-image": 1, "entries": 3}, []]
)  # fmt: skip
def test_what_is_no_manifest_is_refused(value: object) -> None:
    with pytest.raises(SizeError, match="^m.json: expected "):
        contents.read(value, "m.json")  # type: ignore[arg-type]


# The frozen binary


def test_programs_cost_what_only_they_need() -> None:
    modules = {"a": contents.Module("a", 100, ("s", "x")), "b": contents.Module("b", 10, ("s",)),
               "c": contents.Module("c", 1)}  # fmt: skip
    found = frozen.Frozen(modules, {"s": 1000, "x": 10_000})
    assert found.programs({"p": {"a", "c"}, "q": {"b", "c"}}) == (
        Program("p", 11_101, 10_100, ("a",)),
        Program("q", 1011, 10, ("b",)),
    )


def test_symbols_are_of_the_module_with_the_longest_name() -> None:
    symbols = [
        ("fun_data_agent_port_files_read", 9, 4),
        ("const_obj_agent_port_0", 24, 8),
        ("mp_frozen_names", 900, 1),
        ("children_agent___init____lt_module_gt_", 3, 1),
    ]
    names = ["agent.__init__", "agent.port", "agent.port.files"]
    assert frozen.module_octets(names, symbols) == {
        "agent.__init__": 3, "agent.port": 24, "agent.port.files": 12}  # fmt: skip


def test_a_folder_without_a_build_is_told(tmp_path: Path) -> None:
    with pytest.raises(SizeError, match="expected a build of the frozen binary; run `make frozen`"):
        frozen.measure(tmp_path, ROOT)
    with pytest.raises(SizeError, match="expected an image's folder with image.json in it"):
        image.load(tmp_path)


def test_a_program_costs_what_a_build_without_it_saves() -> None:
    from packager.freeze import freeze

    build = ROOT / "build"
    both = freeze("x86_64", build, quiet=True, only=("ifwait", "ra"))
    alone = freeze("x86_64", build, quiet=True, only=("ifwait",))
    saved = (both / "frost").stat().st_size - (alone / "frost").stat().st_size
    cost = {program.name: program.own for program in image.load(both).programs}
    print(f"ra costs {cost['ra']} octets, a build without it saves {saved}")
    assert cost["ra"] == pytest.approx(saved, rel=0.04)
    assert image.load(both).size == (both / "frost").stat().st_size
